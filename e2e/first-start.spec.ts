import { expect, repair, seriousAxeViolations, test } from './driver';

test.use({ begin: 'first-start' });

test('a first start asks one question, and a series can be added, fetched and looked at', async ({ app }) => {
  const { page } = app;
  await app.reaches('setup');
  await expect(page.getByTestId('workspace')).toContainText(app.workspace);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('setup');

  await page.getByTestId('setup-practice').click();
  await page.getByTestId('setup-demo').uncheck();
  await page.getByTestId('setup-start').click();
  await app.reaches('ready');

  await page.getByTestId('choose-symbols').click();
  const dialog = page.getByTestId('add-series-dialog');
  await dialog.getByTestId('symbol-filter').fill('solusd');
  await dialog.getByTestId('symbol-SOLUSDT').click();
  await dialog.getByTestId('interval-1h').click();
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('add-series');
  await dialog.getByTestId('add-series-confirm').click();
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('strips')).toHaveAttribute('data-rows', '2');

  await page.getByTestId('series-binance:spot:SOLUSDT:1h').click();
  await expect(page.getByTestId('strips')).toHaveAttribute('data-selected', 'binance:spot:SOLUSDT:1h');
  const receipt = await repair(app);
  expect(receipt.promised).toMatch(/^Fetch [\d,]+ bars$/);
  expect(receipt.status).toMatch(/^complete/);
  expect(receipt.stored).toBeGreaterThan(600);
  expect(receipt.stillMissing).toBe(0);
  await expect(page.getByTestId('chart')).toHaveAttribute('data-chart-status', 'ready');
  await app.picture('fetched');

  await app.restart();
  await app.reaches('ready');
  await expect(app.page.getByTestId('strips')).toHaveAttribute('data-rows', '2');
});
