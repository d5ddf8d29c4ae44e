import { expect, seriousAxeViolations, test } from './driver';

test.use({ begin: 'demo' });

const KEY = 'binance:spot:BTCUSDT:1m';

test('before a replay the window says what is missing in its range, and fetches it by one button', async ({ app }) => {
  const { page } = app;
  await app.reaches('ready');
  const row = page.getByTestId(`series-${KEY}`);
  await expect(row.locator('[data-unexplained="1531"]')).toBeVisible({ timeout: 90_000 });
  await expect(page.getByTestId('queue-toggle')).toContainText('Queue is empty', { timeout: 120_000 });
  await row.click();
  // The first gap is what nobody asked for; the next one is a hole between candles.
  await page.keyboard.press(']');
  await page.keyboard.press(']');
  const line = page.getByTestId('preflight');
  await expect.poll(async () => Number(await line.getAttribute('data-holes'))).toBeGreaterThan(0);
  await expect(line).toContainText('not stored');
  const button = page.getByTestId('preflight-fetch');
  await expect(button).toHaveText(/^Fetch \d holes? \(/);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('missing');
  await button.click();
  await expect(line).toHaveAttribute('data-holes', '0', { timeout: 60_000 });
  await expect(line).toContainText('stored');
  await expect(button).toHaveCount(0);
  await app.picture('ready');
});
