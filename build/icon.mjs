#!/usr/bin/env node
// Draws build/icon.png (512 × 512, transparent corners) from build/icon.svg with Chromium. Run it after changing the drawing.
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { findChromium } from './lib/browser.mjs';
import { fail, inProject } from './lib/project.mjs';

const executablePath = findChromium();
if (!executablePath) fail('no Chromium found (set E2E_CHROMIUM)');
const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
try {
  const page = await browser.newPage({ viewport: { width: 512, height: 512 } });
  const svg = readFileSync(inProject('build/icon.svg'), 'utf8');
  await page.setContent(`<style>html,body{margin:0;background:transparent}svg{display:block}</style>${svg}`);
  await page.screenshot({ path: inProject('build/icon.png'), omitBackground: true });
} finally {
  await browser.close();
}
