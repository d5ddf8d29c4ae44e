import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { AdoptionProgress, AdoptionReport, AdoptSource } from '@shared/contract';
import { formatTime, HOUR_MS, MINUTE_MS, parseCandleSeriesKey, type Range, tableName } from '@shared/market';
import { EventHub } from '@shared/rpc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seriesNodeId } from '../questdb';
import { adopt, foreignCandles, lookAtFile, lookAtTable, suggestedTables } from './adopt';
import { createAdoptionHandlers } from './adoption-handlers';
import { RunningAdoptions } from './running-adoptions';
import { SeriesList } from './series-list';
import { rowOf, startTestBench, type TestBench } from './testing';
import { undoJob, undoSeries } from './undo';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const DAY = Date.UTC(2024, 5, 5);
const REAL = resolve(import.meta.dirname, '../../../shared/data/derived/BTCUSDT-1h-2017-08-17_2024-04-21.csv.gz');

let bench: TestBench;
let list: SeriesList;
let folder: string;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
  list = new SeriesList(bench.services, () => {});
  folder = mkdtempSync(join(tmpdir(), 'tapemend-adopt-'));
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

const seriesOf = (key: string) => parseCandleSeriesKey(key)!;
const minutes = (count: number, from = DAY): Range => ({ from, to: from + count * MINUTE_MS });
const adopting = () => ({ services: bench.services, list });
const suggested = async () => (await suggestedTables(adopting())).tables;
const foreign = async () => (await foreignCandles(adopting())).tables;

function take(
  source: AdoptSource,
  key: string,
  options: Partial<Parameters<typeof adopt>[3]> = {},
): Promise<AdoptionReport> {
  const signal = new AbortController().signal;
  return adopt(adopting(), source, seriesOf(key), { signal, ...options });
}

async function sql(text: string): Promise<void> {
  await bench.services.store.query(text);
}

const OHLCV = 'open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE';
/** Candles that rise by one a minute from 2024-06-05 on, as SQL. */
const RISING = 'x + 100.0, x + 101.5, x + 99.0, x + 101.0, x / 8.0';
const minuteOf = (x: string) => `dateadd('m', (${x})::int, '2024-06-05T00:00:00.000000Z'::timestamp)`;

/** A table as a script makes it: whatever designated column, no keys. */
async function scriptTable(table: string, columns = OHLCV): Promise<void> {
  await sql(`CREATE TABLE "${table}" (at TIMESTAMP, ${columns}) TIMESTAMP(at) PARTITION BY MONTH WAL`);
}

async function insert(table: string, select: string, rows: number): Promise<void> {
  await sql(`INSERT INTO "${table}" SELECT ${select} FROM long_sequence(${rows})`);
  await sql(`SELECT wait_wal_table('${table}')`);
}

/** A line as Binance writes it. */
function kline(t: number, close: number): string {
  return [t, '1.0', '3.0', '0.5', close, '10.0', t + 59_999, '20.5', 3, '4.0', '8.0', 0].join();
}

function csv(name: string, lines: readonly string[]): { file: string } {
  const file = join(folder, name);
  writeFileSync(file, lines.join('\n'));
  return { file };
}

describe('a table of a script', () => {
  const key = 'binance:spot:ETHUSDT:1m';
  const table = 'my_eth_usdt_1m';

  it('is not found, its rows are changed or invented on the way, or do not tell where they come from', async () => {
    await scriptTable(table);
    await insert(table, `${minuteOf('x - 1')}, ${RISING}`, 600);
    expect(await foreign()).toEqual([
      {
        table,
        nodeId: null,
        interval: '1m',
        rows: 600,
        first: DAY,
        last: DAY + 599 * MINUTE_MS,
        lacking: ['quote_volume', 'trades', 'taker_base', 'taker_quote'],
        guess: key,
        adopted: [],
      },
    ]);
    expect(await suggested()).toEqual([table]);
    const report = await take({ table }, key);
    expect(report).toMatchObject({ rows: 600, adopted: 600, alreadyPresent: 0, range: minutes(600), findings: [] });

    const stored = await bench.stored(key, minutes(600));
    expect(stored.rows).toBe(600);
    const { NaN: none } = Number;
    expect(rowOf(stored, 7)).toEqual([DAY + 7 * MINUTE_MS, 108, 109.5, 107, 109, 1, none, none, none, none]);
    const [raw] = await bench.services.store.query<object>(
      `SELECT node_id, interval, ts, quote_volume, trades FROM "${tableName(seriesOf(key))}" LIMIT 1`,
    );
    const nodeId = seriesNodeId(seriesOf(key));
    expect(raw).toEqual({ node_id: nodeId, interval: 60, ts: DAY / 1000, quote_volume: null, trades: null });

    expect(await bench.services.curation.provenance(seriesOf(key), minutes(700))).toMatchObject([
      { ...minutes(600), source: 'adopted', file: null, request: `table ${table}`, jobId: report.jobId },
    ]);
    const { span } = await bench.services.coverage.explain(seriesOf(key), DAY);
    expect(span.evidence).toEqual([
      `Rows of the table ${table}, which another program had stored, were adopted on 2024-06-20; the exchange was not asked.`,
    ]);
    expect(list.all).toContainEqual(seriesOf(key));
    expect(await foreign()).toMatchObject([{ table, adopted: [{ key, rows: 600 }] }]);
    expect(await suggested()).toEqual([]);
  });

  it('is adopted twice, is called an answer of the exchange, or cannot be undone', async () => {
    expect(await take({ table }, key)).toMatchObject({ jobId: null, adopted: 0, alreadyPresent: 600, range: null });
    const hole = minutes(100, DAY + 600 * MINUTE_MS);
    const { coverage, backfill, curation } = bench.services;
    const around = { from: DAY - 100 * MINUTE_MS, to: hole.to };
    expect((await coverage.report(seriesOf(key), around)).spans.map(({ verdict }) => verdict)).toEqual([
      'not_asked',
      'present',
      'not_asked',
    ]);
    const plan = await backfill.plan({ items: [{ key, range: around }], source: 'auto' });
    expect(plan.totals.bars).toBe(200);

    const batches = await curation.reverts.batches(10);
    expect(batches).toMatchObject([{ key, bars: 600, range: minutes(600), revertedAt: null }]);
    expect(await undoJob(bench.services, batches[0]!.jobId)).toMatchObject([{ removed: 600, restored: 0 }]);
    expect((await bench.stored(key, minutes(600))).rows).toBe(0);
    expect((await coverage.report(seriesOf(key), around)).spans).toMatchObject([{ verdict: 'not_asked', bars: 800 }]);
    expect(await curation.provenance(seriesOf(key), around)).toEqual([]);
    expect(await foreign()).toMatchObject([{ table, adopted: [] }]);
    expect(await suggested()).toEqual([table]);
  });

  it('gives rows that cannot be, that contradict each other, or of bars that are not over', async () => {
    const bad = 'bad_eth_usdt_1m';
    await scriptTable(bad, `${OHLCV}, trades LONG`);
    await insert(bad, `${minuteOf('x - 1')}, ${RISING}, x`, 100);
    await insert(bad, `${minuteOf('x + 9')}, x + 110.0, x + 111.5, x + 109.0, x + 111.0, (x + 10) / 8.0, x + 10`, 5);
    await insert(bad, `${minuteOf('x + 19')}, 1.0, 2.0, 0.5, 1.5, 7.0, 1`, 2);
    await insert(bad, `${minuteOf('x + 199')}, 5.0, 4.0, 3.0, 4.0, 1.0, 1`, 3);
    await insert(bad, `${minuteOf('x + 299')}, 5.0, 6.0, 3.0, 4.0, NULL, 1`, 1);
    await insert(bad, `dateadd('s', 21, ${minuteOf('x + 399')}), 5.0, 5.0, 5.0, 5.0, 0.0, 0`, 1);
    await insert(bad, `'2024-06-20T12:00:00.000000Z'::timestamp, 5.0, 6.0, 3.0, 4.0, 1.0, 1`, 1);
    const report = await take({ table: bad }, key);
    expect(report).toMatchObject({
      rows: 113,
      adopted: 99,
      duplicates: 5,
      offGrid: 1,
      flat: 1,
      refused: { impossible: 4, conflicting: 4, unclosed: 1, unknownToExchange: 0 },
    });
    const findings = await bench.services.store.findingsRead({ keys: [key] });
    expect(new Map(findings.map(({ kind, range }) => [kind, range]))).toEqual(
      new Map([
        ['bad_rows', { from: DAY + 200 * MINUTE_MS, to: DAY + 301 * MINUTE_MS }],
        ['conflicting_rows', minutes(2, DAY + 20 * MINUTE_MS)],
        ['duplicate_rows', minutes(5, DAY + 10 * MINUTE_MS)],
        ['off_grid_rows', minutes(1, DAY + 400 * MINUTE_MS)],
      ]),
    );
    expect(report.findings).toHaveLength(4);
    const stored = await bench.stored(key, minutes(700));
    expect(stored.rows).toBe(99);
    expect(stored.trades.subarray(0, 3)).toEqual(Float64Array.of(1, 2, 3));
  });

  it.each([
    [
      'of candles of another length',
      `'2024-06-05T00:00:00.000000Z'::timestamp + (x * 3600000000)`,
      /has no streams of 1m candles; there are no node id \(1h\)/,
    ],
    ['of times at which candles close', `dateadd('s', 59, ${minuteOf('x')})`, /open off the 1m grid.*by 59 s/],
    ['of several symbols at once', minuteOf('x % 10'), /cannot be candles of one series/],
  ])('%s is adopted all the same', async (what, time, sentence) => {
    const wrong = `wrong_${what.replaceAll(' ', '_')}`;
    await scriptTable(wrong);
    await insert(wrong, `${time}, ${RISING}`, 200);
    const other = 'binance:spot:BNBUSDT:1m';
    await expect(take({ table: wrong }, other)).rejects.toMatchObject({
      code: expect.stringMatching(/^usage\.(unfit_rows|which_stream)$/),
      message: expect.stringMatching(sentence),
    });
    expect((await bench.services.store.tablesOverview()).has(tableName(seriesOf(other)))).toBe(false);
    await sql(`DROP TABLE "${wrong}"`);
  });
});

describe('a look before anything is changed', () => {
  it('does not say why a table cannot be adopted, or hides that one names its symbol', async () => {
    const tables: [name: string, columns: string, reason: RegExp | null][] = [
      ['odd_without_volume', 'open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE', /^It has no column volume;/],
      [
        'odd_text',
        'open DOUBLE, high DOUBLE, low DOUBLE, close VARCHAR, volume DOUBLE',
        /^Its column close is VARCHAR/,
      ],
      ['odd_many', `symbol SYMBOL, ${OHLCV}`, /^Its column symbol names 2 symbols,.*a view or a CSV file for each\.$/],
      ['odd_empty', OHLCV, /^It has the columns of candles and no rows\.$/],
      ['odd_one', `ticker VARCHAR, ${OHLCV}`, null],
      ['odd_weather', 'low DOUBLE, high DOUBLE', null],
    ];
    for (const [table, columns] of tables) await scriptTable(table, columns);
    await sql(`CREATE TABLE odd_timeless (${OHLCV})`);
    await insert('odd_many', `${minuteOf('x - 1')}, CASE WHEN x % 2 = 0 THEN 'A' ELSE 'B' END, ${RISING}`, 4);
    await insert('odd_one', `${minuteOf('x - 1')}, 'DOGE-USDT', ${RISING}`, 4);
    const { tables: fit, unfit } = await foreignCandles(adopting());
    const reasons = new Map(unfit.map(({ table, reason }) => [table, reason]));
    for (const [table, , reason] of tables)
      if (reason) expect(reasons.get(table)).toMatch(reason);
      else expect(reasons.has(table)).toBe(false);
    expect(reasons.get('odd_timeless')).toMatch(/^It has neither a designated timestamp nor a column ts/);
    expect(fit.find(({ table }) => table === 'odd_one')?.guess).toBe('binance:spot:DOGEUSDT:1m');
    expect((await suggested()).filter((table) => table.startsWith('odd_'))).toEqual(['odd_one']);
    await expect(take({ table: 'odd_many' }, 'binance:spot:DOGEUSDT:1m')).rejects.toMatchObject({
      code: 'usage.no_candles',
      message: expect.stringMatching(/^The table odd_many cannot be adopted: its column symbol names 2 symbols/),
    });
    await sql(`CREATE VIEW odd_many_a AS (SELECT * FROM odd_many WHERE symbol = 'A')`);
    expect(await lookAtTable(adopting(), 'odd_many_a')).toMatchObject({
      tables: [{ table: 'odd_many_a', rows: 2, adopted: [] }],
    });
    await sql('DROP VIEW odd_many_a');
    for (const table of [...tables.map(([name]) => name), 'odd_timeless']) await sql(`DROP TABLE "${table}"`);
  });

  it('changes something, or promises another thing than what is adopted then', async () => {
    const key = 'binance:spot:DOGEUSDT:1m';
    await scriptTable('tried_dogeusdt_1m');
    await insert('tried_dogeusdt_1m', `${minuteOf('x - 1')}, ${RISING}`, 50);
    await insert('tried_dogeusdt_1m', `${minuteOf('x + 99')}, 5.0, 4.0, 3.0, 4.0, 1.0`, 3);
    const trial = await take({ table: 'tried_dogeusdt_1m' }, key, { isTrial: true });
    expect(trial).toMatchObject({ jobId: null, rows: 53, adopted: 50, refused: { impossible: 3 }, range: minutes(50) });
    expect((await bench.services.store.tablesOverview()).has(tableName(seriesOf(key)))).toBe(false);
    expect(await bench.services.store.findingsRead({ keys: [key] })).toEqual([]);
    expect(list.all).not.toContainEqual(seriesOf(key));
    const { jobId, ...real } = await take({ table: 'tried_dogeusdt_1m' }, key);
    expect({ ...real, jobId: null }).toEqual(trial);
    expect(jobId).not.toBeNull();
  });

  it('at a file does not tell of its rows, or forgets that they were adopted', async () => {
    const lines = ['timestamp,open,high,low,close,volume'];
    for (const minute of [2, 0, 1]) lines.push(`${formatTime(DAY + minute * MINUTE_MS)},1,2,1,2,0.5`);
    const { file } = csv('LINKUSDT-1m-2024-06.csv', lines);
    const key = 'binance:spot:LINKUSDT:1m';
    const look = () => lookAtFile(adopting(), file, new AbortController().signal);
    const told = { file, interval: '1m', rows: 3, first: DAY, last: DAY + 2 * MINUTE_MS, guess: key };
    expect(await look()).toMatchObject({ ...told, adopted: [] });
    await take({ file }, key);
    expect(await look()).toMatchObject({ ...told, adopted: [{ key, rows: 3 }] });
  });

  it('is refused, or an adoption goes on, while a backfill writes the same series; another one waits for nothing', async () => {
    const key = 'binance:spot:ATOMUSDT:1m';
    const file = csv('atom.csv', ['timestamp,open,high,low,close,volume', `${formatTime(DAY)},1,2,1,2,0.5`]);
    bench.practice.setFaults([{ match: { kind: 'klines' }, effect: 'hang' }]);
    const job = await bench.services.backfill.start({ items: [{ key, range: minutes(10) }], source: 'rest' });
    await expect
      .poll(async () => (await bench.services.backfill.list(1))[0]?.state, { timeout: 20_000 })
      .toBe('running');
    await expect(take(file, key)).rejects.toMatchObject({ code: 'usage.jobs_running' });
    expect(await take(file, key, { isTrial: true })).toMatchObject({ adopted: 1 });
    expect(await take(file, 'binance:spot:XLMUSDT:1m')).toMatchObject({ adopted: 1 });
    await bench.services.backfill.cancel(job.jobId);
    bench.practice.setFaults([]);
    await job.finished;
  });
});

describe('rows of QMTL', () => {
  it('under another node id in a table of ours are overlooked, or written over what the exchange has said', async () => {
    const key = 'binance:spot:BTCUSDT:1m';
    const table = tableName(seriesOf(key));
    const asked = minutes(60);
    await bench.backfill(key, asked);
    await list.track([seriesOf(key)]);
    const [node, other] = ['a1'.repeat(32), 'b2'.repeat(32)];
    for (const [id, seconds] of [
      [node, 60],
      [other, 300],
    ])
      await insert(
        table,
        `${minuteOf('x - 1')}, '${id}', ${seconds}, (${DAY / 1000} + (x - 1) * 60)::long, ${RISING}, NULL, NULL, NULL, NULL`,
        90,
      );
    const found = (await foreign()).filter((each) => each.table === table);
    expect(found).toMatchObject([
      { nodeId: node, interval: '1m', rows: 90, guess: key },
      { nodeId: other, interval: '5m', rows: 90 },
    ]);
    expect(await suggested()).not.toContain(table);
    const report = await take({ table }, key);
    expect(report).toMatchObject({ rows: 90, adopted: 30, alreadyPresent: 60 });
    expect(await bench.differences(key, asked)).toEqual([]);
    const adopted = await bench.stored(key, minutes(30, asked.to));
    expect([adopted.rows, adopted.open[0]]).toEqual([30, 161]);

    await undoJob(bench.services, report.jobId!);
    expect((await bench.stored(key, minutes(90))).rows).toBe(60);
    expect((await foreign()).filter((each) => each.table === table)).toEqual(found);
  });

  it('in a table without a designated timestamp, or numbers of seven digits, are not read or not told of', async () => {
    const table = 'recorded';
    await sql(
      `CREATE TABLE ${table} (node_id SYMBOL, "interval" INT, ts LONG, open FLOAT, high FLOAT, low FLOAT, close FLOAT, volume FLOAT)`,
    );
    const key = 'binance:spot:ADAUSDT:5m';
    await sql(
      `INSERT INTO ${table} SELECT '${key}', 300, (${DAY / 1000} + (50 - x) * 300)::long, 0.1, 0.2, 0.1, 0.1, 5.0 FROM long_sequence(50)`,
    );
    expect((await foreign()).filter((each) => each.table === table)).toMatchObject([
      { nodeId: key, interval: '5m', rows: 50, first: DAY, last: DAY + 49 * 5 * MINUTE_MS, guess: key },
    ]);
    const report = await take({ table, nodeId: key }, key);
    expect(report).toMatchObject({ adopted: 50, findings: [expect.stringContaining('FLOAT')] });
    await expect(take({ table, nodeId: 'nobody' }, key)).rejects.toMatchObject({ code: 'usage.which_stream' });
    const bars = 'ts, open, high, low, close, volume';
    await sql(`CREATE VIEW ada AS (SELECT ${bars} FROM ${table} WHERE node_id = '${key}')`);
    expect((await foreign()).filter((each) => each.table === 'ada')).toEqual([]);
    expect(await take({ table: 'ada' }, key)).toMatchObject({ adopted: 0, alreadyPresent: 50 });
    await expect(take({ table: 'nothing' }, key)).rejects.toMatchObject({ code: 'usage.no_candles' });
  });
});

describe('a file', () => {
  it('of Binance without a header, or newest first with times in words, is read wrongly', async () => {
    const key = 'binance:spot:LTCUSDT:1m';
    const report = await take(csv('klines.csv', [kline(DAY, 2), kline((DAY + MINUTE_MS) * 1_000, 2.25)]), key);
    expect(report).toMatchObject({ adopted: 2, lacking: [], origin: 'the file klines.csv' });
    expect(rowOf(await bench.stored(key, minutes(2)), 1)).toEqual([
      DAY + MINUTE_MS,
      1,
      3,
      0.5,
      2.25,
      10,
      20.5,
      3,
      4,
      8,
    ]);
    const [span] = await bench.services.curation.provenance(seriesOf(key), minutes(2));
    expect(span).toMatchObject({ file: 'klines.csv', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), request: null });

    const words = csv('words.csv', [
      '"Date","Symbol","Open","High","Low","Close","Volume"',
      '2024-06-05 00:03:00+00:00,LTC,1,2,1,2,0.5',
      '2024-06-05 00:02:00+00:00,LTC,1,2,1,1.75,0.5',
      '',
    ]);
    expect(await take(words, key)).toMatchObject({ adopted: 2, range: minutes(2, DAY + 2 * MINUTE_MS) });
    expect((await bench.stored(key, minutes(4))).close.subarray(0, 4)).toEqual(Float64Array.of(2, 2.25, 1.75, 2));
  });

  it('that is broken in its last line changes the series, or nobody is told where', async () => {
    const key = 'binance:spot:XRPUSDT:1m';
    const rows = Array.from({ length: 60_000 }, (_, index) => kline(DAY - (60_000 - index) * MINUTE_MS, 2));
    await expect(take(csv('broken.csv', [...rows, kline(DAY, 2).slice(0, 30)]), key)).rejects.toMatchObject({
      code: 'usage.bad_file',
      message: expect.stringMatching(/^broken\.csv .*line 60,001 has \d+ fields instead of 12/),
    });
    expect((await bench.services.store.tablesOverview()).has(tableName(seriesOf(key)))).toBe(false);
    const hours = csv(
      'hours.csv',
      rows.slice(0, 2_400).filter((_, index) => index % 60 === 0),
    );
    await expect(take(hours, key)).rejects.toMatchObject({
      code: 'usage.unfit_rows',
      message: expect.stringContaining('most of its rows are 1h apart; choose the interval 1h'),
    });
    await expect(take({ file: join(folder, 'none.csv') }, key)).rejects.toMatchObject({ code: 'usage.no_file' });
    await expect(take(csv('list.csv', ['a,b,c', '1,2,3']), key)).rejects.toMatchObject({ code: 'usage.bad_file' });
  });

  it('that is adopted in parts loses what was done when it is cancelled, or does it twice', async () => {
    const key = 'binance:spot:SOLUSDT:1m';
    const from = DAY - 70_000 * MINUTE_MS;
    const file = csv(
      'long.csv',
      Array.from({ length: 70_000 }, (_, index) => kline(from + index * MINUTE_MS, 2)),
    );
    const controller = new AbortController();
    await expect(
      take(file, key, { signal: controller.signal, onProgress: () => controller.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    const all = { from, to: DAY };
    const part = (await bench.stored(key, all)).rows;
    expect(part).toBeGreaterThan(0);
    expect(part).toBeLessThan(70_000);
    expect(list.all).toContainEqual(seriesOf(key));
    expect(await bench.services.curation.provenance(seriesOf(key), all)).toMatchObject([
      { from, to: from + part * MINUTE_MS },
    ]);

    const rest = await take(file, key);
    expect(rest).toMatchObject({ adopted: 70_000 - part, alreadyPresent: part, isStopped: false });
    await undoJob(bench.services, rest.jobId!);
    expect((await bench.stored(key, all)).rows).toBe(part);

    // Told to stop, it answers with what it has stored, and that is all that is there.
    const other = 'binance:spot:XLMUSDT:1m';
    const stop = new AbortController();
    const told: AdoptionProgress[] = [];
    const onProgress = (progress: AdoptionProgress) => {
      told.push(progress);
      stop.abort();
    };
    const stopped = await take(file, other, { stop: stop.signal, onProgress });
    const { jobId, adopted } = stopped;
    expect(adopted).toBeGreaterThan(0);
    expect(adopted).toBeLessThan(70_000);
    expect(stopped).toMatchObject({ isStopped: true, alreadyPresent: 0, rows: adopted });
    expect(told.at(-1)).toEqual({ key: other, rows: adopted, of: 70_000, adopted, jobId });
    expect((await bench.stored(other, all)).rows).toBe(adopted);
    await undoJob(bench.services, jobId!);
    expect((await bench.stored(other, all)).rows).toBe(0);
  }, 120_000);
});

it('an undo writes partitions anew under an adoption, or the adoption cannot be stopped or goes with its page', async () => {
  const key = 'binance:spot:TRXUSDT:1m';
  const from = DAY - 70_000 * MINUTE_MS;
  const { file } = csv(
    'long.csv',
    Array.from({ length: 70_000 }, (_, index) => kline(from + index * MINUTE_MS, 2)),
  );
  const events = new EventHub();
  const handlers = createAdoptionHandlers(adopting, events, new RunningAdoptions(events));
  const progressed = new Promise((resolve) =>
    events.subscribe((name) => name === 'adoption.progressed' && resolve(name)),
  );
  const page = new AbortController();
  const adopted = handlers['tables.adopt']({ source: { file }, key, isTrial: false }, { signal: page.signal });
  page.abort();
  await expect(undoSeries(bench.services, 'another', key)).rejects.toMatchObject({
    code: 'usage.jobs_running',
    message: `Rows of another program are being adopted into ${key}; wait until that has ended, or stop it, then repeat.`,
  });
  await progressed;
  expect(await handlers['tables.stop_adopting']({ key }, { signal: page.signal })).toEqual({ stopped: 1 });
  const report = await adopted;
  expect(report.isStopped).toBe(true);
  expect((await bench.stored(key, { from, to: DAY })).rows).toBe(report.adopted);
  await undoSeries(bench.services, report.jobId!, key);
  expect((await bench.stored(key, { from, to: DAY })).rows).toBe(0);
}, 120_000);

it('rows where the exchange was asked and has none, as scripts fill them in, pass for candles', async () => {
  const key = 'binance:spot:BTCUSDT:1m';
  const stop = { from: Date.UTC(2023, 2, 24, 12, 40), to: Date.UTC(2023, 2, 24, 14) };
  await bench.backfill(key, { from: stop.from - 10 * MINUTE_MS, to: stop.to + 10 * MINUTE_MS }, 'rest');
  const filled = csv('filled.csv', [
    'timestamp,open,high,low,close,volume',
    ...Array.from({ length: 100 }, (_, index) => `${formatTime(stop.from + (index - 10) * MINUTE_MS)},5,5,5,5,0`),
  ]);
  expect(await take(filled, key)).toMatchObject({
    jobId: null,
    rows: 100,
    alreadyPresent: 20,
    refused: { unknownToExchange: 80 },
    findings: [expect.stringContaining('80 rows of the file filled.csv stand where the exchange was asked')],
  });
});

it('rows that a script filled into a stop pass an audit while nobody has asked the exchange, or cannot be deleted safely', async () => {
  const key = 'binance:spot:NEOUSDT:1m';
  const range = { from: Date.UTC(2021, 3, 20, 1), to: Date.UTC(2021, 3, 20, 6) };
  const stop = { from: Date.UTC(2021, 3, 20, 2), to: Date.UTC(2021, 3, 20, 4, 30) };
  const truth = await bench.truth('NEOUSDT', '1m', range);
  const last = truth.filter(([time]) => Number(time) < stop.from).at(-1)![4];
  const real = truth.map((row) => [formatTime(Number(row[0])), ...row.slice(1, 6)]);
  const bars = (stop.to - stop.from) / MINUTE_MS;
  const flat = Array.from({ length: bars }, (_, i) => [
    formatTime(stop.from + i * MINUTE_MS),
    last,
    last,
    last,
    last,
    0,
  ]);
  const lines = [...real, ...flat].map((row) => row.join(',')).sort();
  expect(await take(csv('forward.csv', ['timestamp,open,high,low,close,volume', ...lines]), key)).toMatchObject({
    adopted: truth.length + bars,
  });
  const { coverage, curation } = bench.services;
  const { signal } = new AbortController();
  const verify = () => bench.services.verify(seriesOf(key), { against: null, range, signal });
  const faultsOf = async () => (await verify()).findings.filter(({ kind }) => kind === 'filled_candle');
  const [finding, ...others] = await faultsOf();
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ range: stop, state: 'new', data: { entry: '31', origin: 'forward.csv' } });
  expect(await verify()).toMatchObject({ faults: 1 });

  const result = await curation.refetch(finding!.id, signal);
  expect(result).toMatchObject({ added: 0, changed: 0, removed: bars });
  const { spans } = await coverage.report(seriesOf(key), range);
  expect(spans.map(({ verdict, bars: count }) => [verdict, count])).toEqual([
    ['present', 60],
    ['exchange_outage', bars],
    ['present', 90],
  ]);
  expect(await faultsOf()).toEqual([]);
  await curation.reverts.revert(result.jobId, seriesOf(key));
  expect(await faultsOf()).toMatchObject([{ range: stop }]);
});

it.skipIf(!existsSync(REAL))(
  'seven real years of hours have other gaps than the 28 stops of the exchange, or one of them is not explained',
  async () => {
    const key = 'binance:spot:BTCUSDT:1h';
    const file = join(folder, 'BTC_USDT-1h.csv');
    writeFileSync(file, gunzipSync(readFileSync(REAL)));
    const span = { from: Date.UTC(2017, 7, 17, 4), to: Date.UTC(2024, 3, 21, 15) };
    const report = await take({ file }, key);
    expect(report).toMatchObject({
      rows: 58_419,
      adopted: 58_419,
      range: span,
      flat: 4,
      duplicates: 0,
      offGrid: 0,
      refused: { impossible: 0, conflicting: 0, unclosed: 0, unknownToExchange: 0 },
      findings: [],
    });

    const { coverage } = bench.services;
    const coverageReport = await coverage.report(seriesOf(key), span);
    expect(coverageReport).toMatchObject({ bars: 58_419, missing: { explained: 128, unexplained: 0 } });
    const gaps = await coverage.gaps(seriesOf(key), span);
    expect(gaps).toHaveLength(28);
    expect(new Set(gaps.map(({ verdict }) => verdict))).toEqual(new Set(['exchange_outage']));
    expect(gaps.every(({ evidence }) => evidence[0]!.startsWith('Outage catalogue'))).toBe(true);
    expect(gaps.reduce((sum, { bars }) => sum + bars, 0)).toBe(128);
    expect((await coverage.summary(seriesOf(key))).flat).toBe(4);
    // Hours in which nothing was traded any more lead into three of the stops.
    expect(gaps.filter(({ proofs }) => proofs!.some(({ kind }) => kind === 'flats'))).toHaveLength(3);

    // Every row, against the file itself: nothing false, nothing missing.
    const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
    const stored = await bench.stored(key, span);
    const fields = ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const;
    const different = lines.filter((line, row) =>
      line.split(',').some((text, at) => stored[fields[at]!][row] !== Number(text)),
    );
    expect(different).toEqual([]);

    const audit = await bench.services.verify(seriesOf(key), {
      against: null,
      range: span,
      signal: new AbortController().signal,
    });
    expect(audit).toMatchObject({ bars: 58_419, flat: 4, faults: 0, missing: { explained: 128, unexplained: 0 } });
    expect(span.to - span.from).toBe((58_419 + 128) * HOUR_MS);
  },
  120_000,
);
