import { expect, seriousAxeViolations, test } from './driver';

test('symbols are found by quote asset and by having ended, picked by a pasted list or a file, and added at once', async ({
  app,
}) => {
  const { page } = app;
  await app.reaches('ready');
  await page.getByTestId('choose-symbols').click();
  const dialog = page.getByTestId('add-series-dialog');
  const count = async () => Number(await dialog.getByTestId('symbol-list').getAttribute('data-count'));
  await expect.poll(count).toBeGreaterThan(20);
  const trading = await count();

  // By quote asset: the chip promises as many as the list then has.
  const chip = dialog.getByTestId('quote-BTC');
  const promised = Number((await chip.locator('.num').textContent())?.replaceAll(',', ''));
  await chip.click();
  await expect.poll(count).toBe(promised);
  expect(promised).toBeLessThan(trading);
  await expect(dialog.getByTestId('symbol-BTCUSDT')).toHaveCount(0);
  await expect(dialog.getByTestId('symbol-ETHBTC')).toBeVisible();

  // Ended ones, with both ends of their lifetime.
  await dialog.getByTestId('status-ended').click();
  await expect(dialog.getByTestId('symbol-BCCBTC')).toContainText('ended');
  await expect(dialog.getByTestId('symbol-BCCBTC')).toContainText('2017-08-25 → 2018-11-16');
  await expect(dialog.getByTestId('symbol-ETHBTC')).toHaveCount(0);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('ended');

  // A pasted list ignores the filters, and names what it does not know.
  await dialog.getByTestId('symbol-paste').fill('btcusdt, NOSUCHCOIN\nETHBTC BCCBTC');
  await dialog.getByTestId('symbol-paste-choose').click();
  await expect(dialog.getByTestId('symbol-paste-outcome')).toContainText('3 symbols chosen');
  await expect(dialog.getByTestId('symbol-paste-outcome')).toContainText('NOSUCHCOIN');
  await expect(dialog.getByTestId('symbol-BCCBTC')).toHaveAttribute('aria-selected', 'true');
  await dialog.getByTestId('interval-1h').click();
  await expect(dialog.getByTestId('add-series-sum')).toContainText('3 symbols × 2 intervals = 6 series');

  await dialog.getByTestId('symbol-file').setInputFiles({
    name: 'symbols.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from('"SOLUSDT";"BTCUSDT"\r\n'),
  });
  await expect(dialog.getByTestId('add-series-sum')).toContainText('4 symbols × 2 intervals = 8 series');
  await app.picture('chosen');
  await dialog.getByTestId('add-series-confirm').click();
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('strips')).toHaveAttribute('data-rows', '8');

  // What is listed already is neither offered nor added again.
  await page.getByRole('button', { name: 'Add series' }).click();
  await dialog.getByTestId('symbol-paste').fill('BTCUSDT');
  await dialog.getByTestId('symbol-paste-choose').click();
  await expect(dialog.getByTestId('add-series-sum')).toContainText('listed already');
  await expect(dialog.getByTestId('add-series-confirm')).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('the list answers to the keyboard alone, and the weight of a market is told in words', async ({ app }) => {
  const { page } = app;
  await app.reaches('ready');
  await page.getByTestId('choose-symbols').click();
  const dialog = page.getByTestId('add-series-dialog');
  await dialog.getByTestId('symbol-filter').fill('usdt');
  await expect(dialog.getByTestId('symbol-BTCUSDT')).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+Enter');
  await expect(dialog.getByTestId('add-series-sum')).toContainText('3 symbols × 1 interval = 3 series');
  await dialog.getByTestId('choose-matching').click();
  await expect(dialog.getByTestId('status-chosen')).not.toContainText('Chosen 3');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.getByTestId('weight').press('Enter');
  const words = page.getByRole('region', { name: 'Request weight' });
  await expect(words).toContainText(/of [\d,]+ used in the exchange's present minute/);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('weight');
  await page.keyboard.press('Escape');
  await expect(words).toBeHidden();
});
