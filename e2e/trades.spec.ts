import { clickStrip, expect, repair, seriousAxeViolations, test } from './driver';

const KEY = 'binance:spot:BTCUSDT:aggTrade';
const FROM = Date.UTC(2024, 0, 2);
const HOURS = 36;

test('trades of a symbol are added, fetched and asked for their origin like candles, in minutes', async ({ app }) => {
  const { page } = app;
  await app.reaches('ready');
  await page.getByTestId('choose-symbols').click();
  const dialog = page.getByTestId('add-series-dialog');
  await dialog.getByTestId('symbol-filter').fill('BTCUSDT');
  await dialog.getByTestId('symbol-BTCUSDT').click();
  await dialog.getByTestId('interval-trades').click();
  await expect(dialog.getByTestId('add-series-sum')).toContainText('1 symbol × 1 interval and trades = 2 series');
  await app.picture('add');
  await page.getByTestId('add-series-confirm').click();

  await page.getByTestId(`series-${KEY}`).click();
  const inspector = page.getByTestId('inspector');
  const text = (hours: number) => new Date(FROM + hours * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
  await inspector.getByRole('textbox', { name: 'From' }).fill(text(0));
  await inspector.getByLabel('To (UTC)').fill(text(HOURS));
  await expect(inspector.getByTestId('repair')).toBeEnabled({ timeout: 60_000 });
  await app.picture('plan');
  expect(await repair(app)).toMatchObject({ status: 'complete', asked: HOURS * 60, stillMissing: 0 });
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('receipt');

  await expect(page.getByTestId('dock')).toContainText('Trades of BTCUSDT have no candles');
  await expect(page.locator('.tm-legend-title')).toHaveText('');

  await page.keyboard.press('c');
  await expect(page.getByTestId('calendar')).toHaveAttribute('data-series', KEY);
  await app.picture('calendar');
  await page.getByRole('button', { name: 'Strips', exact: true }).click();
  await page.getByTestId('queue-toggle').click();
  await page.getByTestId('queue-panel').getByTestId('job-row').first().locator('.job-toggle').click();
  await expect(page.getByTestId('queue-panel')).toContainText('2,160');
  await app.picture('queue');
  await page.getByTestId('queue-toggle').click();

  // What is under the pointer tells its files.
  await clickStrip(app, KEY, FROM + 3_600_000);
  await expect(page.getByTestId('tooltip-provenance')).toContainText('from 2 daily files');
  await app.picture('provenance');
});
