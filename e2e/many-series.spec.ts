import { expect, repair, seriousAxeViolations, test } from './driver';

const SYMBOLS = (
  'BTCUSDT ETHUSDT BNBUSDT SOLUSDT XRPUSDT ADAUSDT DOGEUSDT TRXUSDT LINKUSDT LTCUSDT ' +
  'BCHUSDT DOTUSDT AVAXUSDT ATOMUSDT XLMUSDT ETCUSDT FILUSDT NEARUSDT ALGOUSDT VETUSDT'
).split(' ');
const INTERVALS = ['1m', '5m', '1h'];
/** A year is watched by hand: `TAPEMEND_E2E_DAYS=365 npx playwright test -c e2e/playwright.config.ts many-series`. */
const DAYS = Number(process.env.TAPEMEND_E2E_DAYS ?? 2);
const FROM = Date.UTC(2024, 0, 1);

test('sixty series are added at once, fetched by one button, and a second run finds nothing left to ask', async ({
  app,
}) => {
  test.setTimeout(300_000 + DAYS * 5_000);
  const { page } = app;
  await app.reaches('ready');
  await page.getByTestId('choose-symbols').click();
  const dialog = page.getByTestId('add-series-dialog');
  await page.getByTestId('symbol-paste').fill(SYMBOLS.join('\n'));
  await page.getByTestId('symbol-paste-choose').click();
  for (const interval of INTERVALS.slice(1)) await dialog.getByTestId(`interval-${interval}`).click();
  await expect(dialog.getByTestId('add-series-sum')).toContainText('20 symbols × 3 intervals = 60 series');
  await page.getByTestId('add-series-confirm').click();
  await expect(page.getByTestId('strips')).toHaveAttribute('data-rows', '60', { timeout: 60_000 });

  // What was added is selected, so that one range serves all of it.
  const inspector = page.getByTestId('inspector');
  await expect(inspector).toHaveAttribute('data-kind', 'list');
  await expect(inspector.getByRole('heading', { name: '60 series' })).toBeVisible();
  const text = (days: number) => new Date(FROM + days * 86_400_000).toISOString().slice(0, 16).replace('T', ' ');
  await inspector.getByLabel('From').fill(text(0));
  await inspector.getByLabel('To (UTC)').fill(text(DAYS));
  const bars = SYMBOLS.length * DAYS * (1440 + 288 + 24);
  const button = inspector.getByTestId('repair');
  await expect(button).toHaveText(`Fetch ${bars.toLocaleString('en')} bars`, { timeout: 60_000 });
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('plan');

  const pictures = takePictures(async (n) => {
    if (n === 2) await page.getByTestId('queue-toggle').click();
    if (n === 4) await page.keyboard.press('Escape');
    await app.picture(`running-${n}`);
  });
  const receipt = await repair(app, DAYS * 5_000);
  await pictures.stop();
  expect(receipt).toMatchObject({ status: 'complete', asked: bars, stored: bars, stillMissing: 0 });
  await app.picture('receipt');

  await inspector.getByTestId('plan-again').click();
  await expect(button).toHaveText('Nothing to fetch', { timeout: 60_000 });
  // The pictures may have left it open, if the job was quick.
  const toggle = page.getByTestId('queue-toggle');
  if ((await toggle.getAttribute('aria-expanded')) !== 'true') await toggle.click();
  await page.getByTestId('queue-panel').getByTestId('job-row').first().locator('.job-toggle').click();
  await app.picture('queue');
});

test('series are picked by keyboard and by Control, and a range is asked of just those', async ({ app }) => {
  const { page } = app;
  await app.reaches('ready');
  await page.getByTestId('choose-symbols').click();
  await page.getByTestId('symbol-paste').fill(SYMBOLS.slice(0, 4).join(' '));
  await page.getByTestId('symbol-paste-choose').click();
  await page.getByTestId('add-series-confirm').click();
  const strips = page.getByTestId('strips');
  const row = (symbol: string) => page.getByTestId(`series-binance:spot:${symbol}:1m`);
  const selected = () => strips.getAttribute('data-selected');
  await row('ETHUSDT').click();
  await row('BTCUSDT').click({ modifiers: ['Control'] });
  await expect.poll(selected).toBe('binance:spot:ETHUSDT:1m binance:spot:BTCUSDT:1m');
  await expect(row('BTCUSDT')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('inspector').getByRole('heading', { name: '2 series' })).toBeVisible();

  await page.getByTestId('series-grid').focus();
  await page.keyboard.press('Control+a');
  await expect(page.getByTestId('inspector').getByRole('heading', { name: '4 series' })).toBeVisible();
  await row('SOLUSDT').click();
  await page.keyboard.press('Shift+ArrowUp');
  await expect.poll(async () => (await selected())?.split(' ').length).toBe(2);
  await expect(page.getByTestId('plan')).toContainText('2 series');
});

/** Takes one picture after the other, a few seconds apart, until it is stopped. */
function takePictures(take: (n: number) => Promise<void>): { stop(): Promise<void> } {
  const pause = Math.min(15_000, Math.max(1_000, DAYS * 60));
  let stopped = false;
  const done = (async () => {
    for (let n = 1; !stopped; n++) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (!stopped) await take(n);
    }
  })();
  return {
    stop() {
      stopped = true;
      return done;
    },
  };
}
