import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, expect, runSql, seriousAxeViolations, test } from './driver';

const KEY = 'binance:spot:ETHUSDT:1m';
const OHLCV = 'open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE';

/** A table as a script makes it, with rows that `select` gives. */
async function table(app: App, name: string, columns: string, select: string, rows: number): Promise<void> {
  await runSql(app, `CREATE TABLE ${name} (at TIMESTAMP, ${columns}) TIMESTAMP(at) PARTITION BY MONTH WAL`);
  await insert(app, name, select, rows);
}

async function insert(app: App, name: string, select: string, rows: number): Promise<void> {
  await runSql(app, `INSERT INTO ${name} SELECT ${select} FROM long_sequence(${rows})`);
  await runSql(app, `SELECT wait_wal_table('${name}')`);
}

const minute = (x: string) => `dateadd('m', (${x})::int, '2024-06-05T00:00:00.000000Z'::timestamp)`;
const RISING = 'x + 100.0, x + 101.5, x + 99.0, x + 101.0, x / 8.0';

test('candles of other programs are found, tried, adopted by clicks, and shown on their strip', async ({ app }) => {
  const { page } = app;
  await app.reaches('ready');
  await table(app, 'my_eth_usdt_1m', OHLCV, `${minute('x - 1')}, ${RISING}`, 600);
  await insert(app, 'my_eth_usdt_1m', `${minute('x + 899')}, 5.0, 4.0, 3.0, 4.0, 1.0`, 3);
  await table(app, 'recording', OHLCV, `${minute('60 * (x - 1)')}, ${RISING}`, 24);
  await table(app, 'other_solusdt_1m', OHLCV, `${minute('x - 1')}, ${RISING}`, 10);
  const symbols = `CASE WHEN x % 2 = 0 THEN 'BTCUSDT' ELSE 'ETHUSDT' END`;
  await table(app, 'all_candles', `symbol SYMBOL, ${OHLCV}`, `${minute('x - 1')}, ${symbols}, ${RISING}`, 10);
  const file = join(app.workspace, 'BNBUSDT-1h.csv');
  const lines = ['00', '01', '02'].map((hour) => `2024-06-05 ${hour}:00,1,2,1,2,0.5`);
  writeFileSync(file, ['timestamp,open,high,low,close,volume', ...lines].join('\n'));

  await page.getByTestId('adopt-instead').click();
  const dialog = page.getByTestId('adoption-dialog');
  await expect(dialog.getByTestId('adoption-list')).toHaveAttribute('data-count', '4');
  await expect(dialog.getByTestId('unfit-all_candles')).toContainText(
    'Its column symbol names 2 symbols, and a series has one; give it a view or a CSV file for each.',
  );
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('list');

  // What is known is chosen at once; the series of the others is said by the person.
  await dialog.getByLabel('Adopt my_eth_usdt_1m').check();
  await expect(dialog.getByTestId('candidate-my_eth_usdt_1m').getByTestId('candidate-symbol')).toHaveValue('ETHUSDT');
  const recording = dialog.getByTestId('candidate-recording');
  await dialog.getByLabel('Adopt recording').check();
  await expect(dialog.getByTestId('adoption-sum')).toHaveText('1 of 2 chosen lacks a symbol or an interval.');
  await expect(dialog.getByTestId('adoption-try')).toBeDisabled();
  await recording.getByTestId('candidate-symbol').fill('btcusdt');
  await expect(recording).toContainText('1h');

  // Half a path is refused in place; a whole one joins the list, chosen.
  await dialog.getByTestId('adoption-name').fill('BNBUSDT-1h.csv');
  await dialog.getByTestId('adoption-name-look').click();
  await expect(dialog.getByTestId('adoption-name-failure')).toContainText('Give the whole path');
  await dialog.getByTestId('adoption-name').fill(file);
  await dialog.getByTestId('adoption-name-look').click();
  await expect(dialog.getByTestId('candidate-BNBUSDT-1h.csv')).toContainText('3 rows');
  await expect(dialog.getByTestId('adoption-sum')).toHaveText('2 tables and 1 file, 630 rows');
  await app.picture('chosen');

  // The trial tells, and changes nothing.
  await dialog.getByTestId('adoption-try').click();
  const outcomeOf = (name: string) => dialog.getByTestId(`adoption-item-${name}`).getByTestId('adoption-outcome');
  await expect(outcomeOf('my_eth_usdt_1m')).toHaveText('600 of 603 rows would be adopted');
  await expect(outcomeOf('BNBUSDT-1h.csv')).toHaveText('All 3 rows would be adopted');
  await expect(dialog.getByTestId('adoption-confirm')).toHaveText('Adopt 627 rows');
  await expect(dialog.getByTestId('adoption-confirm')).toBeFocused();
  const made = `SELECT count() FROM tables() WHERE table_name LIKE 'binance_spot_%'`;
  expect(await runSql(app, made)).toEqual([[0]]);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('trial');

  await dialog.getByTestId('adoption-confirm').click();
  const eth = dialog.getByTestId('adoption-item-my_eth_usdt_1m');
  await expect(outcomeOf('my_eth_usdt_1m')).toHaveText('600 of 603 rows adopted');
  await expect(dialog.getByTestId('adoption-close')).toBeFocused();
  await expect(dialog.getByTestId('adoption-sum')).toHaveText('627 rows adopted');
  expect(await runSql(app, 'SELECT count() FROM binance_spot_ethusdt_1m')).toEqual([[600]]);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('adopted');

  // One of them is taken back at once.
  const bnb = dialog.getByTestId('adoption-item-BNBUSDT-1h.csv');
  await bnb.getByTestId('undo-open').click();
  await bnb.getByTestId('undo-binance:spot:BNBUSDT:1h').click();
  await bnb.getByTestId('undo-confirm').click();
  await expect(bnb.getByTestId('undo-result')).toContainText('3 bars taken back');

  // What was refused is a finding; the result is still there behind it.
  await eth.getByTestId('adoption-findings').click();
  await expect(page.getByTestId('findings-list')).toContainText('3 rows of the table my_eth_usdt_1m cannot be candles');
  await page.keyboard.press('Escape');
  await page.getByTestId('adoption-status').click();
  await eth.getByTestId('adoption-go').click();
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('strips')).toHaveAttribute('data-selected', KEY);
  await expect(page.getByTestId('inspector')).toContainText('Adopted');
  await app.picture('strip');

  // What nobody has adopted yet needs attention; what was is told as such.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('attention-foreign')).toContainText('1 table to adopt');
  await page.getByTestId('attention-foreign-act').focus();
  await page.keyboard.press('a');
  await dialog.getByTestId('adoption-adopted').click();
  await expect(dialog.getByTestId('candidate-my_eth_usdt_1m')).toContainText('adopted into ETHUSDT 1m');
  await dialog.getByTestId('adoption-dismiss').click();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('attention-foreign')).toHaveCount(0);
});

test('an adoption that is stopped tells what it has stored, takes it back by a click, and goes on when it is asked for again', async ({
  app,
}) => {
  const { page } = app;
  await app.reaches('ready');
  const rows = 1_500_000;
  const at = `dateadd('m', (x - 1)::int, '2021-06-05T00:00:00.000000Z'::timestamp)`;
  await table(app, 'long_ethusdt_1m', OHLCV, `${at}, ${RISING}`, rows);
  const stored = async () => {
    const found = await runSql(app, `SELECT count() FROM tables() WHERE table_name = 'binance_spot_ethusdt_1m'`);
    return found[0]![0] === 0 ? 0 : Number((await runSql(app, 'SELECT count() FROM binance_spot_ethusdt_1m'))[0]![0]);
  };

  await page.getByTestId('adopt-instead').click();
  const dialog = page.getByTestId('adoption-dialog');
  await dialog.getByLabel('Adopt long_ethusdt_1m').check();
  await dialog.getByTestId('adoption-try').click();
  await expect(dialog.getByTestId('adoption-confirm')).toHaveText('Adopt 1,500,000 rows', { timeout: 60_000 });
  await dialog.getByTestId('adoption-confirm').click();
  await expect.poll(stored, { intervals: [50] }).toBeGreaterThan(0);
  await dialog.getByTestId('adoption-stop').click();

  const item = dialog.getByTestId('adoption-item-long_ethusdt_1m');
  await expect(item).toHaveAttribute('data-state', 'left');
  const kept = await stored();
  expect(kept).toBeLessThan(rows);
  const words = kept.toLocaleString('en-US');
  await expect(item.getByTestId('adoption-outcome')).toContainText(
    `Ended: ${words} of the first ${words} rows adopted`,
  );
  await expect(dialog.getByTestId('adoption-sum')).toContainText(`${words} rows adopted, 1 of 1 not through`);
  expect(await seriousAxeViolations(page)).toEqual([]);
  await app.picture('stopped');

  await item.getByTestId('undo-open').click();
  await item.getByTestId('undo-binance:spot:ETHUSDT:1m').click();
  await item.getByTestId('undo-confirm').click();
  await expect(item.getByTestId('undo-result')).toContainText(`${words} bars taken back`);
  expect(await stored()).toBe(0);

  await dialog.getByTestId('adoption-again').click();
  await expect(dialog.getByTestId('adoption-confirm')).toHaveText('Adopt 1,500,000 rows', { timeout: 60_000 });
  await dialog.getByTestId('adoption-confirm').click();
  await expect(dialog.getByTestId('adoption-sum')).toHaveText('1,500,000 rows adopted', { timeout: 120_000 });
  expect(await stored()).toBe(rows);
});
