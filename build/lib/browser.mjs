import { existsSync } from 'node:fs';
import { chromium } from 'playwright';
import { findOnPath } from './display.mjs';

/** A Chromium to drive: E2E_CHROMIUM, else an installed one, else Playwright's own download. Null when there is none. */
export function findChromium(env = process.env) {
  if (env.E2E_CHROMIUM) return existsSync(env.E2E_CHROMIUM) ? env.E2E_CHROMIUM : null;
  const installed = findOnPath(['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'], env);
  if (installed) return installed;
  const own = chromium.executablePath();
  return own && existsSync(own) ? own : null;
}
