import { type App, expect, seriousAxeViolations, test } from './driver';

test.use({ begin: 'demo' });

const SYMBOLS = 'BTCUSDT ETHUSDT BNBUSDT SOLUSDT ETHBTC BNBBTC';
const KEY = 'binance:spot:BTCUSDT:1m';
/** A day, an hour and a half, a minute: the holes that the demo is prepared with. */
const HOLES = 1_440 + 90 + 1;

/** Symbols by two intervals beside what the demo has, and the matrix on screen. */
async function prepared(app: App): Promise<void> {
  const { page } = app;
  await app.reaches('ready');
  await page.getByTestId(`series-${KEY}`).waitFor();
  await page.getByTestId('add-series').click();
  const dialog = page.getByTestId('add-series-dialog');
  await page.getByTestId('symbol-paste').fill(SYMBOLS);
  await page.getByTestId('symbol-paste-choose').click();
  await dialog.getByTestId('interval-1h').click();
  await page.getByTestId('add-series-confirm').click();
  await expect(dialog).toBeHidden({ timeout: 90_000 });
  await page.getByTestId('view-matrix').click();
  const matrix = page.getByTestId('matrix');
  await expect(matrix).toHaveAttribute('data-columns', /^1m .*1h/);
  await expect(cell(app, KEY)).toHaveAttribute('data-unexplained', String(HOLES), { timeout: 90_000 });
}

const cell = (app: App, key: string) => app.page.getByTestId(`cell-${key}`);
const selected = async (app: App) =>
  ((await app.page.getByTestId('matrix').getAttribute('data-selected')) ?? '').split(' ').filter(Boolean).sort();
const series = (symbol: string, interval = '1m') => `binance:spot:${symbol}:${interval}`;

test('cells are sorted, grouped, caught by a lasso and repaired by one button, and totals follow', async ({ app }) => {
  const { page } = app;
  await prepared(app);
  const matrix = page.getByTestId('matrix');
  const inspector = page.getByTestId('inspector');
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('grouped');

  // Groups by quote asset with their sums; folded, their rows are gone and the sums stay.
  const usdt = page.getByTestId('matrix-group-USDT');
  await expect(usdt).toContainText(HOLES.toLocaleString('en'));
  await usdt.getByRole('button', { name: 'Fold USDT' }).click();
  await expect(cell(app, KEY)).toBeHidden();
  await expect(page.getByTestId('matrix-column-1m')).toContainText(HOLES.toLocaleString('en'));
  await app.picture('folded');
  await usdt.getByRole('button', { name: 'Unfold USDT' }).click();
  await page.getByTestId('matrix-group').click();
  await expect(usdt).toBeHidden();

  await expect(matrix).toHaveAttribute('data-first', 'spot:BNBBTC');
  await page.getByTestId('matrix-sort-1m').click();
  await expect(matrix).toHaveAttribute('data-first', 'spot:BTCUSDT');
  await page.getByTestId('matrix-reverse').click();
  await expect(matrix).not.toHaveAttribute('data-first', 'spot:BTCUSDT');
  await page.getByTestId('matrix-order').selectOption('missing');
  await expect(matrix).toHaveAttribute('data-first', 'spot:BTCUSDT');
  await page.getByTestId('matrix-order').selectOption('first');
  await expect(page.getByTestId('matrix-row-spot:BTCUSDT')).toContainText(/\d{4}-\d\d-\d\d/);
  await page.getByTestId('matrix-order').selectOption('symbol');

  // A lasso from BTCUSDT 1m over two rows; nothing is selected before it is let go.
  await lasso(app, KEY, series('ETHBTC', '1m'));
  await expect.poll(() => selected(app)).toEqual([KEY, series('ETHBTC')].sort());
  const button = inspector.getByTestId('repair').first();
  await expect(button).toHaveText(/^Repair 3 gaps \(1,531 bars, about [\d.]+ s\)$/, { timeout: 60_000 });
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('lasso');
  await button.click();
  await expect(inspector.getByTestId('receipt')).toHaveAttribute('data-status', 'complete', { timeout: 90_000 });
  await expect(inspector.getByTestId('receipt-stored')).toHaveText('1,531');
  await expect(cell(app, KEY)).toHaveAttribute('data-unexplained', '0');
  await expect(page.getByTestId('matrix-column-1m')).not.toContainText(HOLES.toLocaleString('en'));
  await expect(page.getByTestId('total-unexplained')).toHaveText('0');
  await app.picture('repaired');

  // Nothing is chosen: what is left to do, each line with its action.
  await page.getByTestId('matrix-grid').press('Escape');
  await expect(inspector).toHaveAttribute('data-kind', 'none');
  await expect(inspector.getByTestId('attention-empty')).toContainText(/\d+ series without candles/);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('needs-attention');
  await inspector.getByTestId('attention-empty-act').click();
  await expect(inspector).toHaveAttribute('data-kind', 'list');
});

test('the keyboard does what the mouse does: moves, extends, toggles, opens the strip and comes back', async ({
  app,
}) => {
  const { page } = app;
  await prepared(app);
  const grid = page.getByTestId('matrix-grid');
  const active = async () => {
    const id = await grid.getAttribute('aria-activedescendant');
    return id === null ? null : page.locator(`[id="${id}"]`).getAttribute('aria-label');
  };
  await page.getByTestId('matrix-group').click();
  await cell(app, series('BNBBTC')).click();
  expect(await selected(app)).toEqual([series('BNBBTC')]);
  await page.keyboard.press('ArrowDown');
  await expect.poll(active).toMatch(/^BNBUSDT 1m: /);
  // Moving selects nothing; Space does, and takes away again.
  expect(await selected(app)).toEqual([series('BNBBTC')]);
  await page.keyboard.press('Space');
  expect(await selected(app)).toEqual([series('BNBBTC'), series('BNBUSDT')]);
  await page.keyboard.press('Space');
  expect(await selected(app)).toEqual([series('BNBBTC')]);
  await page.keyboard.press('Shift+ArrowDown');
  await expect.poll(active).toMatch(/^BTCUSDT 1m: 1,531 bars unexplained/);
  expect(await selected(app)).toEqual([series('BNBUSDT'), KEY]);
  await app.picture('keyboard');

  // Heads: the row, then the column.
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Space');
  await expect.poll(active).toMatch(/^BTCUSDT, \d series: /);
  expect(await selected(app)).toEqual(expect.arrayContaining([KEY, series('BTCUSDT', '1h')]));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Control+ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect.poll(active).toMatch(/^1m, all symbols: /);
  await page.keyboard.press('Escape');
  await expect.poll(() => selected(app)).toEqual([]);
  await page.keyboard.press('Space');
  await expect.poll(async () => (await selected(app)).length).toBe(6);
  await page.keyboard.press('Control+a');
  await expect.poll(async () => (await selected(app)).length).toBeGreaterThanOrEqual(12);
  await page.keyboard.press('Escape');
  await expect.poll(() => selected(app)).toEqual([]);

  // Enter leads to the strip, M and back; what was chosen stays chosen.
  await cell(app, KEY).click();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('strips')).toHaveAttribute('data-selected', KEY);
  await expect(page.getByTestId('inspector')).toHaveAttribute('data-kind', 'series');
  await page.keyboard.press('m');
  await expect(page.getByTestId('matrix')).toHaveAttribute('data-selected', KEY);
  await page.reload();
  await expect(page.getByTestId('matrix')).toBeVisible({ timeout: 60_000 });
  // A gap of the list is shown on its strip, which comes back for it.
  await page.getByTestId('inspector').locator('.needy-gap').first().click({ timeout: 60_000 });
  await expect(page.getByTestId('strips')).toBeVisible();
  await expect(page.getByTestId('inspector')).toHaveAttribute('data-kind', 'span');
});

test('an empty cell offers to follow its series, and Shift and Control select as everywhere', async ({ app }) => {
  const { page } = app;
  await prepared(app);
  await page.getByTestId('add-series').click();
  await page.getByTestId('symbol-paste').fill('ADAUSDT');
  await page.getByTestId('symbol-paste-choose').click();
  await page.getByTestId('add-series-confirm').click();
  await expect(page.getByTestId('add-series-dialog')).toBeHidden({ timeout: 90_000 });
  const empty = cell(app, series('ADAUSDT', '1h'));
  await expect(empty).toHaveAttribute('aria-label', 'ADAUSDT 1h: not followed');
  await empty.click();
  const inspector = page.getByTestId('inspector');
  await expect(inspector).toContainText('An empty cell');
  await app.picture('empty-cell');
  expect(await seriousAxeViolations(page)).toEqual([]);
  await inspector.getByTestId('follow').click();
  await expect(empty).toHaveAttribute('aria-label', /nothing stored yet$/, { timeout: 60_000 });
  await expect(inspector).toHaveAttribute('data-kind', 'series');
  // What is followed now can be fetched in the same place.
  await expect(inspector.getByTestId('repair')).toHaveText(/^Fetch [\d,]+ bars$/, { timeout: 60_000 });

  await page.getByTestId('matrix-group').click();
  await cell(app, series('BNBBTC')).click();
  await cell(app, series('BTCUSDT', '1h')).click({ modifiers: ['Shift'] });
  await expect.poll(async () => (await selected(app)).length).toBeGreaterThanOrEqual(6);
  await cell(app, series('BNBBTC')).click({ modifiers: ['Control'] });
  expect(await selected(app)).not.toContain(series('BNBBTC'));
  await page.getByTestId('matrix-column-1h').locator('b').click();
  expect((await selected(app)).every((key) => key.endsWith(':1h'))).toBe(true);
  await page.getByTestId('matrix-row-spot:SOLUSDT').click();
  expect(await selected(app)).toEqual(expect.arrayContaining([series('SOLUSDT'), series('SOLUSDT', '1h')]));
});

// A window of the desktop keeps the size of its screen.
test('@web the matrix stands in windows of any size', async ({ app }) => {
  const { page } = app;
  await prepared(app);
  await lasso(app, KEY, series('BTCUSDT', '1h'));
  for (const [width, height] of [
    [1024, 640],
    [1280, 800],
    [2560, 1440],
  ] as const) {
    await page.setViewportSize({ width, height });
    await expect(cell(app, KEY)).toBeVisible();
    const cut = await page.evaluate(
      `[...document.querySelectorAll('.toolbar > *, .matrix-column > *, .repair-button')]
        .filter((each) => each.getClientRects().length > 0 && (each.getBoundingClientRect().right > innerWidth + 1 || each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflow === 'visible' && each.matches('.repair-button')))
        .map((each) => each.className)`,
    );
    expect(cut, `${width} x ${height}`).toEqual([]);
    await app.picture(`window-${width}`);
  }
});

async function lasso(app: App, from: string, to: string): Promise<void> {
  const [a, b] = await Promise.all([from, to].map((key) => cell(app, key).boundingBox()));
  if (!a || !b) throw new Error('a cell is not on the screen');
  const { mouse } = app.page;
  await mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await mouse.down();
  await mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 6 });
  await mouse.up();
}
