import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, expect, repair, seriousAxeViolations, test, viewAtRest, viewTold } from './driver';

test.use({ begin: 'demo' });

const KEY = 'binance:spot:BTCUSDT:1m';
const DAY = 86_400_000;
/** A day, an hour and a half, a minute: the holes that the demo is prepared with. */
const HOLES = 1_440 + 90 + 1;

/** The demo's holes are there, and its series are whole otherwise. */
async function prepared(app: App): Promise<void> {
  const { page } = app;
  await app.reaches('ready');
  const row = page.getByTestId(`series-${KEY}`);
  await expect(row.locator(`[data-unexplained="${HOLES}"]`)).toBeVisible({ timeout: 90_000 });
  await expect(page.getByTestId('queue-toggle')).toContainText('Queue is empty', { timeout: 120_000 });
}

const text = (t: number) => new Date(t).toISOString().slice(0, 16).replace('T', ' ');
const dayText = (t: number) => text(t).slice(0, 10);

test('all gaps in one table: filtered, ordered, exported with their evidence, and repaired by one button', async ({
  app,
}) => {
  const { page } = app;
  await prepared(app);
  await page.keyboard.press('t');
  const list = page.getByTestId('gap-list');
  for (const verdict of ['not_asked', 'fetch_failed']) await page.getByTestId(`gaps-verdict-${verdict}`).click();
  await expect(list).toHaveAttribute('data-rows', '3');
  const rows = list.getByTestId('gap-list-row');
  await expect(rows.first()).toContainText('1,440');
  await page.getByTestId('gaps-by-bars').click();
  await page.getByTestId('gaps-by-bars').click();
  await expect(rows.first()).toContainText(/unexplained/);
  await expect(rows.first().locator('.gap-line-bars')).toHaveText('1');
  // The first sentence comes by itself, all of it on demand.
  await expect(rows.first().locator('.gap-line-evidence')).not.toContainText('…');
  await rows.first().getByRole('button', { name: 'All of the evidence' }).click();
  await expect(rows.first().getByRole('button', { name: 'Less of the evidence' })).toHaveAttribute(
    'aria-expanded',
    'true',
  );
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('gaps');

  await page.getByTestId('gaps-verdict-exchange_outage').click();
  await expect.poll(async () => Number(await list.getAttribute('data-rows'))).toBeGreaterThan(10);
  await app.picture('gaps-with-outages');
  await page.getByTestId('gaps-verdict-exchange_outage').click();
  await expect(list).toHaveAttribute('data-rows', '3');

  await page.getByTestId('gaps-export').click();
  const exported = page.getByTestId('gaps-exported');
  await expect(exported).toContainText('3 gaps written to');
  const path = (await exported.locator('.num').getAttribute('title')) ?? '';
  expect(path.startsWith(join(app.workspace, 'exports'))).toBe(true);
  const lines = readFileSync(path, 'utf8').trim().split('\r\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe('market,symbol,interval,from,to,bars,verdict,tried,next_try,evidence');
  for (const line of lines.slice(1)) expect(line).toMatch(/^spot,BTCUSDT,1m,.*Z,.*Z,\d+,unexplained,\d+,.*,\S+/);

  // By keyboard: one, up to another, all; a single one is the strips' own selection.
  await list.focus();
  await page.keyboard.press('Home');
  const inspector = page.getByTestId('inspector');
  await expect(inspector).toHaveAttribute('data-kind', 'span');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(inspector).toHaveAttribute('data-kind', 'gaps');
  await expect(inspector.getByRole('heading', { name: '2 gaps' })).toBeVisible();
  await page.keyboard.press('Control+a');
  await expect(inspector.getByTestId('repair')).toHaveText(/^Repair 3 gaps \(1,531 bars, about /);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('gaps-selected');
  expect(await repair(app)).toMatchObject({ status: 'complete', stored: HOLES, stillMissing: 0 });
  await expect(list).toHaveAttribute('data-rows', '0');
  await expect(page.getByTestId('gaps-view')).toContainText('No gap of these verdicts');
});

test('from years to a day to the minute, by keyboard and by mouse, and back', async ({ app }) => {
  const { page } = app;
  await prepared(app);
  const strip = page.getByTestId(`series-${KEY}`);
  await strip.click();
  const minute = Number(
    await page
      .getByTestId('gap-row')
      .filter({ has: page.locator('td:nth-child(2)', { hasText: /^1$/ }) })
      .first()
      .getAttribute('data-from'),
  );
  await page.getByTestId('open-calendar').click();
  const calendar = page.getByTestId('calendar');
  await expect(calendar).toHaveAttribute('data-series', KEY);
  await expect(page.getByTestId('calendar-sum')).toContainText('1,531 bars unexplained');
  const date = new Date(minute);
  await expect(page.getByTestId(`month-${date.getUTCFullYear()}-${date.getUTCMonth() + 1}`)).toContainText(
    /bars? unexplained/,
  );
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('calendar');

  // The days with gaps, one after the other; the last of them holds the minute.
  const years = page.getByTestId('calendar-years');
  await years.focus();
  await page.getByTestId('needs-action').click();
  await years.focus();
  for (let i = 0; i < 6 && (await years.getAttribute('data-cursor')) !== dayText(minute); i++)
    await page.keyboard.press(']');
  for (let i = 0; i < 6 && (await years.getAttribute('data-cursor')) !== dayText(minute); i++)
    await page.keyboard.press('[');
  await expect(years).toHaveAttribute('data-cursor', dayText(minute));
  await page.keyboard.press('Enter');
  await expect(calendar).toHaveAttribute('data-day', dayText(minute));
  const day = page.getByTestId('calendar-day');
  await page.keyboard.press(']');
  await expect(page.getByTestId('verdict')).toHaveAttribute('data-verdict', 'unexplained');
  await expect(page.getByTestId('inspector')).toContainText('1 bar');
  await expect(day).toHaveAttribute('data-active', text(minute));
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('day');
  await page.keyboard.press('ArrowLeft');
  await expect(day).toHaveAttribute('data-active', text(minute - 60_000));
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('verdict')).toHaveAttribute('data-verdict', 'present');
  await page.keyboard.press('Escape');
  await expect(calendar).toHaveAttribute('data-day', '');

  await page.getByTestId('calendar-series').selectOption('');
  await expect(calendar).toHaveAttribute('data-series', 'all');
  await app.picture('calendar-all');
});

test('the minimap shows all time, and its window is dragged, resized and moved by keys', async ({ app }) => {
  const { page } = app;
  await prepared(app);
  const range = () => viewTold(app);
  const daysOf = ({ from, to }: { from: number; to: number }) => Math.round((to - from) / DAY);
  const days = async () => daysOf(await range());
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await app.picture('zoom-years');
  const all = daysOf(await viewAtRest(app));
  const canvas = await page.getByTestId('strip-canvas').boundingBox();
  await page.mouse.move(canvas!.x + canvas!.width * 0.3, canvas!.y + 12);
  await app.picture('zoom-years-axis');
  await page.getByRole('button', { name: '1Y', exact: true }).click();
  // The year up to now, with a little room behind it.
  await expect.poll(days).toBe(372);
  expect(all).toBeGreaterThan(8 * 365);
  await app.picture('zoom-year');

  const frame = page.getByTestId('minimap-window');
  const before = await viewAtRest(app);
  const box = (await frame.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + 8);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 - 200, box.y + 8, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await range()).from).toBeLessThan(before.from - 600 * DAY);
  const moved = await viewAtRest(app);
  expect(Math.abs(moved.to - moved.from - (before.to - before.from))).toBeLessThan(DAY);

  const edge = (await page.getByTestId('minimap-to').boundingBox())!;
  await page.mouse.move(edge.x + 4, edge.y + 8);
  await page.mouse.down();
  await page.mouse.move(edge.x + 104, edge.y + 8, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await range()).to).toBeGreaterThan(moved.to + 200 * DAY);
  expect(Math.abs((await viewAtRest(app)).from - moved.from)).toBeLessThan(2 * DAY);

  await frame.focus();
  const wide = await viewAtRest(app);
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await range()).from).toBeLessThan(wide.from);
  await page.keyboard.press('Shift+ArrowLeft');
  await expect.poll(days).toBeLessThan(daysOf(wide));
  expect(await frame.getAttribute('aria-valuetext')).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d to /);

  await page.keyboard.press(']');
  await page.getByTestId('series-grid').press('Enter');
  await app.picture('zoom-days');
  await page.getByRole('button', { name: 'Next gap' }).first().click();
  await page.getByRole('button', { name: 'Next gap' }).first().click();
  await page.getByTestId('series-grid').press('Enter');
  await app.picture('zoom-minutes');
  expect(await seriousAxeViolations(page)).toEqual([]);
});

test('a gap is accepted with a reason and taken back, and the catalogue of outages lists what explains gaps', async ({
  app,
}) => {
  const { page } = app;
  await prepared(app);
  await page.getByTestId(`series-${KEY}`).click();
  const minute = page
    .getByTestId('gap-row')
    .filter({ has: page.locator('td:nth-child(2)', { hasText: /^1$/ }) })
    .first();
  await minute.getByRole('button').click();
  const verdict = page.getByTestId('verdict');
  await expect(verdict).toHaveAttribute('data-verdict', 'unexplained');
  await page.getByTestId('accept-gaps').click();
  await expect(page.getByTestId('accept-confirm')).toBeDisabled();
  await page.getByTestId('accept-reason').fill('the recorder was off');
  await app.picture('accept');
  await page.getByTestId('accept-confirm').click();
  await expect(verdict).toHaveAttribute('data-verdict', 'confirmed_absent');
  await expect(page.getByTestId('evidence')).toContainText('the recorder was off');
  await expect(page.getByTestId(`series-${KEY}`).locator(`[data-unexplained="${HOLES - 1}"]`)).toBeVisible();
  await app.picture('accepted');
  await page.getByTestId('withdraw-acceptance').click();
  await expect(verdict).toHaveAttribute('data-verdict', 'unexplained');

  await page.keyboard.press('o');
  const dialog = page.getByTestId('outages-dialog');
  await expect(dialog.getByTestId('outages-table').locator('tbody tr').first()).toContainText('public source');
  await expect(dialog.getByTestId('outages-none')).toBeVisible();
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('outages');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
