import { type App, clickStrip, expect, repair, seriousAxeViolations, test } from './driver';

test.use({ begin: 'demo' });

const KEY = 'binance:spot:BTCUSDT:1m';

/** Gaps of the series that need action, by their start, oldest first. */
async function gapStarts(app: App): Promise<number[]> {
  const rows = app.page.getByTestId('gap-row').and(app.page.locator('[data-verdict="unexplained"]'));
  const starts = await rows.evaluateAll((elements) =>
    elements.map((element) => Number(element.getAttribute('data-from'))),
  );
  return starts.sort((a, b) => a - b);
}

async function prepared(app: App): Promise<number[]> {
  await app.reaches('ready');
  await app.page.getByTestId(`series-${KEY}`).click();
  await expect.poll(() => gapStarts(app).then((starts) => starts.length), { timeout: 90_000 }).toBe(3);
  return gapStarts(app);
}

test('three holes become a complete series by clicks: on the strip, by keyboard, in the table', async ({ app }) => {
  const { page } = app;
  const [day, outage, minute] = await prepared(app);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('three-gaps-dark');

  await page.getByTestId('series-grid').press('Enter');
  await clickStrip(app, KEY, day! + 12 * 3_600_000);
  await expect(page.getByTestId('verdict')).toHaveAttribute('data-verdict', 'unexplained');
  await expect(page.getByTestId('gap-number')).toHaveText(/^gap 2 of \d$/);
  await app.picture('gap-selected-dark');
  expect(await repair(app)).toEqual({
    promised: 'Repair 1,440 bars',
    status: 'complete',
    asked: 1440,
    stored: 1440,
    stillMissing: 0,
  });
  await app.picture('receipt-dark');

  await page.keyboard.press(']');
  await expect(page.getByTestId('inspector')).toContainText('90 bars');
  expect(await repair(app)).toMatchObject({ promised: 'Repair 90 bars', status: 'complete', stored: 90 });

  await page.locator(`[data-testid="gap-row"][data-from="${minute}"] button`).click();
  expect(await repair(app)).toMatchObject({ promised: 'Repair 1 bar', status: 'complete', stored: 1 });
  expect(outage).toBeLessThan(minute!);

  await expect.poll(() => gapStarts(app)).toEqual([]);
  await expect(page.getByTestId('total-unexplained')).toHaveText('0');
  await app.picture('complete-dark');
});

test('the window in the light theme has the same contrast and says the same', async ({ app }) => {
  await prepared(app);
  const light = app.page.locator('[data-theme="light"]');
  // The window starts as the system is: light, where nothing says otherwise.
  if ((await light.count()) === 0) await app.page.getByRole('button', { name: /theme/i }).click();
  await expect(light).toHaveCount(1);
  expect(await seriousAxeViolations(app.page)).toEqual([]);
  await app.picture('three-gaps-light');
  await app.page.getByTestId('gap-row').first().getByRole('button').click();
  await expect(app.page.getByTestId('inspector').getByTestId('repair')).toBeEnabled();
  await app.picture('gap-selected-light');
});

test('stored candles replay: play, pause, step, seek, leave', async ({ app }) => {
  const { page } = app;
  await prepared(app);
  const chart = page.getByTestId('chart');
  await expect(chart).toHaveAttribute('data-chart-status', 'ready');
  expect(Number(await chart.getAttribute('data-bars'))).toBeGreaterThan(100);

  await page.getByTestId('replay-from-here').click();
  await expect(chart).toHaveAttribute('data-replay-phase', /playing|paused/);
  const position = async () =>
    Number((await page.getByTestId('replay-position').textContent())?.split('/')[0]?.replaceAll(/\D/g, ''));
  if ((await chart.getAttribute('data-replay-phase')) === 'paused') await page.getByTestId('replay-play').click();
  await expect(chart).toHaveAttribute('data-replay-phase', 'playing');
  await expect.poll(position).toBeGreaterThan(3);
  await app.picture('replay-dark');

  await page.getByTestId('replay-play').click();
  await expect(chart).toHaveAttribute('data-replay-phase', 'paused');
  const paused = await position();
  await page.keyboard.press('ArrowRight');
  await expect.poll(position).toBe(paused + 1);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(position).toBe(paused - 1);

  await page.keyboard.press('Home');
  await expect.poll(position).toBe(0);
  await page.keyboard.press('End');
  await expect(chart).toHaveAttribute('data-replay-phase', 'ended');
  await page.getByTestId('replay-leave').click();
  await expect(chart).toHaveAttribute('data-replay-phase', 'off');
});
