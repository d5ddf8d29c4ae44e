import { type App, expect, fetchOneYear, isAlive, jobOf, questdbPid, test } from './driver';

const KEY = 'binance:spot:BTCUSDT:1m';

/** The year is stored to its last bar, read back by the core, and the series says so. */
async function expectYearStored(app: App): Promise<void> {
  const job = await jobOf(app);
  await expect(job).toHaveAttribute('data-state', /^complete/, { timeout: 90_000 });
  await app.page.keyboard.press('Escape');
  await app.page.getByTestId(`series-${KEY}`).click();
  await expect(app.page.getByTestId('total-unexplained')).toHaveText('0');
  await expect(app.page.getByTestId('total-bars')).toContainText(/^5\d\d\.\d k/);
}

test('killed in the middle of a backfill, nothing is orphaned and the work goes on at the next start', async ({
  app,
}) => {
  await app.reaches('ready');
  await fetchOneYear(app, KEY);

  const questdb = questdbPid(app);
  process.kill(app.pid, 'SIGKILL');
  await expect.poll(() => isAlive(questdb), { timeout: 30_000 }).toBe(false);

  await app.restart();
  await app.reaches('ready');
  await expectYearStored(app);
});

test('a QuestDB that is killed in the middle of a backfill comes back by itself, and no bar is lost', async ({
  app,
}) => {
  await app.reaches('ready');
  await fetchOneYear(app, KEY);

  // In the middle: the first bars are stored, and the most are not.
  await expect(app.page.getByTestId('total-bars')).not.toHaveText('0');
  const questdb = questdbPid(app);
  process.kill(questdb, 'SIGKILL');
  await expect.poll(() => questdbPid(app), { timeout: 60_000 }).not.toBe(questdb);
  await app.reaches('ready');
  await expectYearStored(app);
});
