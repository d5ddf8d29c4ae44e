import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, expect, isAlive, test } from './driver';

const KEY = 'binance:spot:BTCUSDT:1m';

function questdbPid(app: App): number {
  const record = JSON.parse(readFileSync(join(app.workspace, 'questdb', 'tapemend-server.json'), 'utf8'));
  return record.process.pid;
}

test('killed in the middle of a backfill, nothing is orphaned and the work goes on at the next start', async ({
  app,
}) => {
  await app.reaches('ready');
  await app.page.getByTestId('choose-symbols').click();
  await app.page.getByTestId('symbol-filter').fill('BTCUSDT');
  await app.page.getByTestId('symbol-BTCUSDT').click();
  await app.page.getByTestId('add-series-confirm').click();
  await app.page.getByTestId(`series-${KEY}`).click();
  await app.page.getByRole('button', { name: '1 year' }).click();
  await app.page.getByTestId('inspector').getByTestId('repair').click();
  await app.page.getByTestId('job').waitFor();

  const questdb = questdbPid(app);
  process.kill(app.pid, 'SIGKILL');
  await expect.poll(() => isAlive(questdb), { timeout: 30_000 }).toBe(false);

  await app.restart();
  await app.reaches('ready');
  await app.page.getByTestId('queue-toggle').click();
  await expect(app.page.getByTestId('queue-panel').getByTestId('job-row').first()).toHaveAttribute(
    'data-state',
    /^complete/,
    {
      timeout: 90_000,
    },
  );
  await app.page.keyboard.press('Escape');
  await app.page.getByTestId(`series-${KEY}`).click();
  await expect(app.page.getByTestId('total-unexplained')).toHaveText(/^0\s*unexplained/);
});

test('a QuestDB that is killed comes back by itself, and the window says so', async ({ app }) => {
  await app.reaches('ready');
  const questdb = questdbPid(app);
  process.kill(questdb, 'SIGKILL');
  await expect.poll(() => questdbPid(app), { timeout: 60_000 }).not.toBe(questdb);
  await app.reaches('ready');
  await app.page.getByTestId('choose-symbols').click();
  await expect(app.page.getByTestId('symbol-BTCUSDT')).toBeVisible();
});
