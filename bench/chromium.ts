import { type Browser, chromium } from 'playwright';
import { findChromium } from '../build/lib/browser.mjs';

/** A headless Chromium; throws with what to do when there is none on this machine. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('this measure needs a Chromium: install one, or name it in E2E_CHROMIUM');
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
}
