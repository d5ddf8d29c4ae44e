import { announce } from '../../client';

/** Copies, and says so; where there is no clipboard, says that. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    announce(`Copied ${what}.`);
  } catch {
    announce('The clipboard is not available here.');
  }
}
