import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, expect, fetchOneYear, test } from '../driver';

/** The question is a window of the system's: here it is answered in its place, and its words are kept. */
async function answerWith(app: App, response: number): Promise<void> {
  await app.electron.evaluate(({ dialog }, button) => {
    const asked = globalThis as { asked?: string[] };
    dialog.showMessageBox = async (...args: unknown[]) => {
      const { message } = args.at(-1) as { message: string };
      asked.asked = [...(asked.asked ?? []), message];
      return { response: button, checkboxChecked: false };
    };
  }, response);
}

const questions = (app: App) => app.electron.evaluate(() => (globalThis as { asked?: string[] }).asked ?? []);
const closeWindow = (app: App) =>
  app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
const windows = (app: App) => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);

test('@electron closing the window in the middle of a backfill asks, and in the background it goes on to its end', async ({
  app,
}) => {
  await app.reaches('ready');
  await fetchOneYear(app, 'binance:spot:BTCUSDT:1m');
  await answerWith(app, 2);
  await closeWindow(app);
  await expect.poll(() => questions(app)).toEqual(['A backfill is under way.']);
  expect(await windows(app)).toBe(1);

  const ended = new Promise<void>((resolve) => app.electron.process().once('exit', () => resolve()));
  await answerWith(app, 0);
  await closeWindow(app);
  await expect.poll(() => windows(app)).toBe(0);
  await ended;
  const jobs = join(app.workspace, 'jobs');
  const files = readdirSync(jobs).filter((file) => file.endsWith('.ndjson'));
  const lines = files.map((file) => readFileSync(join(jobs, file), 'utf8'));
  expect(lines.some((text) => /"type":"finished".*"state":"complete/.test(text))).toBe(true);
});
