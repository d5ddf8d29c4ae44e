import { expect, fetchOneYear, jobOf, test } from '../driver';

test('@electron a core that is killed in the middle of a backfill comes back by itself under the open window', async ({
  app,
}) => {
  await app.reaches('ready');
  await fetchOneYear(app, 'binance:spot:BTCUSDT:1m');

  const pidOfCore = () =>
    app.electron.evaluate(({ app: shell }) => shell.getAppMetrics().find(({ name }) => name === 'Tapemend core')?.pid);
  const core = await pidOfCore();
  if (core === undefined) throw new Error('there is no core process');
  process.kill(core, 'SIGKILL');
  await expect.poll(pidOfCore).not.toBe(core);

  await app.reaches('ready');
  await expect(await jobOf(app)).toHaveAttribute('data-state', /^complete/, { timeout: 90_000 });
  await expect(app.page.getByTestId('total-unexplained')).toHaveText('0');
  await expect(app.page.getByTestId('total-bars')).toContainText(/^5\d\d\.\d k/);
});
