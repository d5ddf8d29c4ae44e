import { type App, expect, fetchOneYear, repair, seriousAxeViolations, test } from './driver';

const KEY = 'binance:spot:SOLUSDT:1m';

async function add(app: App, ...symbols: string[]): Promise<void> {
  const { page } = app;
  await page.getByTestId('choose-symbols').click();
  await page.getByTestId('symbol-paste').fill(symbols.join(' '));
  await page.getByTestId('symbol-paste-choose').click();
  await page.getByTestId('add-series-confirm').click();
  await expect(page.getByTestId('strips')).toHaveAttribute('data-rows', String(symbols.length));
}

test('a day that was fetched tells where it comes from, and is taken back', async ({ app }) => {
  const { page } = app;
  await app.reaches('ready');
  await add(app, 'SOLUSDT');
  await page.getByTestId(`series-${KEY}`).click();
  const form = page.getByTestId('fetch-form');
  await form.getByLabel('From').fill('2024-01-02 00:00');
  await form.getByLabel('To (UTC)').fill('2024-01-03 00:00');
  const receipt = await repair(app);
  expect(receipt).toMatchObject({ status: 'complete', stored: 1_440 });

  const inspector = page.getByTestId('inspector');
  // The receipt has taken the form's place; the row chosen anew shows the series with its spans.
  await page.keyboard.press('Escape');
  await page.getByTestId(`series-${KEY}`).click();
  await inspector.getByRole('button', { name: /All spans/ }).click();
  await inspector.getByTestId('gap-row').filter({ hasText: /1,440/ }).getByRole('button').first().click();
  const provenance = inspector.getByTestId('provenance');
  await expect(provenance).toContainText('Daily archive');
  await expect(provenance).toContainText('SOLUSDT-1m-2024-01-02.zip');
  await expect(provenance).toContainText(/SHA-256 [0-9a-f]{12}…/);
  await app.picture('provenance');

  await page.getByTestId('queue-toggle').click();
  const job = page.getByTestId('queue-panel').getByTestId('job-row').first();
  await job.locator('.job-toggle').click();
  await job.getByTestId('undo-open').click();
  await job.getByTestId(`undo-${KEY}`).click();
  await expect(job.getByTestId('undo')).toContainText('Take back 1,440 bars?');
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('undo');
  await job.getByTestId('undo-confirm').click();
  await expect(job.getByTestId('undo-result')).toHaveText('1,440 bars taken back.');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('queue-panel')).toBeHidden();
  await expect(page.getByTestId('total-bars')).toHaveText('0');
  await expect(inspector.getByTestId('verdict')).toHaveAttribute('data-verdict', 'not_asked');
});

test('of two jobs one is paused and resumed, the other is cancelled', async ({ app }) => {
  const { page } = app;
  await app.reaches('ready');
  await fetchOneYear(app, KEY);
  await page.getByTestId('queue-toggle').click();
  const panel = page.getByTestId('queue-panel');
  const first = panel.getByTestId('job-row').first();
  await expect(first).toHaveAttribute('data-state', 'running');
  const firstId = await first.getAttribute('data-job');
  const paused = panel.locator(`[data-job="${firstId}"]`);
  await paused.getByTestId('job-pause').click();
  await expect(paused).toHaveAttribute('data-state', 'paused');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Add series' }).click();
  await page.getByTestId('symbol-paste').fill('BTCUSDT');
  await page.getByTestId('symbol-paste-choose').click();
  await page.getByTestId('add-series-confirm').click();
  await page.getByTestId('series-binance:spot:BTCUSDT:1m').click();
  await page.getByRole('button', { name: '1 year' }).click();
  const fetch = page.getByTestId('inspector').getByTestId('repair');
  await expect(fetch).toBeEnabled();
  // Pressed before the job begins and released behind it: the words under the pointer have changed, the click counts.
  const words = (await page.getByTestId('queue-toggle').getByText('Nothing runs').boundingBox())!;
  await page.mouse.move(words.x + words.width / 2, words.y + words.height / 2);
  await page.mouse.down();
  await fetch.press('Enter');
  await expect(page.getByTestId('queue-toggle')).not.toContainText('Nothing runs');
  await page.mouse.up();
  await expect(panel).toBeVisible();
  await paused.getByTestId('job-resume').click();
  await expect(paused).toHaveAttribute('data-state', /queued|running/);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('two-jobs');
  const other = panel.locator(`[data-testid="job-row"]:not([data-job="${firstId}"])`);
  await other.getByTestId('job-cancel').click();
  await expect(other).toHaveAttribute('data-state', 'cancelled');
  await expect(paused).toHaveAttribute('data-state', /running|complete/, { timeout: 60_000 });
  await paused.getByTestId('job-cancel').click();
  await expect(paused).toHaveAttribute('data-state', 'cancelled');
});

test('findings say what would stand there, and archives can be asked', async ({ app }) => {
  const { page } = app;
  await app.reaches('ready');
  await page.keyboard.press('f');
  const dialog = page.getByTestId('findings-dialog');
  await expect(dialog).toContainText('No findings.');
  await dialog.getByTestId('archives-check').click();
  await expect(dialog.getByTestId('archives-result')).toContainText('nothing to check');
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('findings-empty');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
