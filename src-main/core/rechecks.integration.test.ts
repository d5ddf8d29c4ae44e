import { DAY_MS, HOUR_MS, MINUTE_MS, parseStoredSeriesKey, type Range, seriesKey } from '@shared/market';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Rechecks } from './rechecks';
import { Services } from './services';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const RANGE: Range = { from: Date.UTC(2024, 5, 20, 6), to: Date.UTC(2024, 5, 20, 8) };

let bench: TestBench;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
});
afterEach(() => bench.practice.setFaults([]));
afterAll(() => bench.close());

const seriesOf = (symbol: string) => parseStoredSeriesKey(`binance:spot:${symbol}:1m`)!;

/** Re-checks of a program that looks so much later. */
function later(ms: number, symbols: readonly string[], { backfill, coverage, exchange }: Services = bench.services) {
  return new Rechecks({
    backfill,
    coverage,
    series: () => symbols.map(seriesOf),
    isExchangeReachable: () => true,
    now: () => exchange.now() + ms,
  });
}

async function ended(): Promise<void> {
  await expect.poll(() => bench.services.backfill.isIdle(), { timeout: 60_000 }).toBe(true);
}

async function verdicts(symbol: string, range = RANGE): Promise<string[]> {
  const { spans } = await bench.services.coverage.report(seriesOf(symbol), range);
  return spans.map(({ verdict, bars }) => `${verdict} ${bars}`);
}

const failing = { match: { kind: 'klines' as const }, effect: 'wrong_json' as const };

it('what failed is left so, is asked before its time, or starts from the first try after a restart', async () => {
  const series = seriesOf('ADAUSDT');
  // Where the series begins is known, so that only its bars are missing.
  await bench.backfill(seriesKey(series), { from: RANGE.to, to: RANGE.to + MINUTE_MS });
  bench.practice.setFaults([failing]);
  await bench.backfill(seriesKey(series), RANGE);
  expect(await verdicts('ADAUSDT')).toEqual(['fetch_failed 120']);
  const { span } = await bench.services.coverage.explain(series, RANGE.from);
  expect(Math.round((span.nextTry! - bench.services.exchange.now()) / MINUTE_MS)).toBe(5);
  expect(await later(4 * MINUTE_MS, ['ADAUSDT']).look()).toBeNull();
  const request = await later(6 * MINUTE_MS, ['ADAUSDT']).look();
  expect(request).toMatchObject({ items: [{ key: seriesKey(series), range: RANGE }], recheck: true });
  await ended();
  expect(await verdicts('ADAUSDT')).toEqual(['fetch_failed 120']);

  const { workspace, settings } = bench;
  const restarted = await Services.open({ workspace, settings, practice: false });
  try {
    await restarted.exchange.syncClock('spot');
    expect(await later(6 * MINUTE_MS, ['ADAUSDT'], restarted).look()).toBeNull();
  } finally {
    await restarted.close();
  }
  bench.practice.setFaults([]);
  await later(31 * MINUTE_MS, ['ADAUSDT']).look();
  await ended();
  expect(await verdicts('ADAUSDT')).toEqual(['present 120']);
  expect(await bench.differences(seriesKey(series), RANGE)).toEqual([]);
  expect((await bench.services.backfill.list(1))[0]).toMatchObject({ recheck: true, priority: -10 });
});

it('bars that only files lack stay so, are asked of the file again, or wait an hour for a try that is due', async () => {
  const series = seriesOf('TRXUSDT');
  const key = seriesKey(series);
  const day = { from: Date.UTC(2024, 5, 5), to: Date.UTC(2024, 5, 6) };
  bench.practice.setFaults([{ match: { kind: 'archive', symbol: 'TRXUSDT' }, effect: 'truncated_day' }]);
  expect(await bench.backfill(key, day, 'archive')).toMatchObject({ status: 'partial' });
  const [, lacking] = await verdicts('TRXUSDT', day);
  expect(lacking).toMatch(/^unexplained \d+$/);
  const { coverage, exchange, backfill } = bench.services;
  const { span } = await coverage.explain(series, day.to - MINUTE_MS);
  expect(span.evidence.at(-1)).toBe('REST has not been asked for these bars yet.');
  expect(Math.round((span.nextTry! - exchange.now()) / MINUTE_MS)).toBe(5);
  const plan = await backfill.plan({ items: [{ key, range: day }], source: 'auto' });
  expect(plan.series[0]!.pages.map(({ tier }) => tier)).toEqual(['rest']);

  let ahead = 4 * MINUTE_MS;
  const rechecks = new Rechecks({
    backfill,
    coverage,
    series: () => [series],
    isExchangeReachable: () => true,
    now: () => exchange.now() + ahead,
  });
  expect(await rechecks.look()).toBeNull();
  bench.practice.setFaults([failing]);
  ahead = 6 * MINUTE_MS;
  const { from, to } = span;
  expect(await rechecks.look()).toMatchObject({ items: [{ key, range: { from, to } }], source: 'rest' });
  await ended();
  expect((await verdicts('TRXUSDT', day))[1]).toBe(lacking);
  expect(await rechecks.look()).toBeNull();
  bench.practice.setFaults([]);
  const files = bench.practice.counters().requests.archive;
  ahead = 37 * MINUTE_MS;
  expect(await rechecks.look()).not.toBeNull();
  await ended();
  expect(await verdicts('TRXUSDT', day)).toEqual(['present 1440']);
  expect(bench.practice.counters().requests.archive).toBe(files);
  expect(await bench.differences(key, day)).toEqual([]);
});

it('bars that REST lacked once stay absent for ever, or are asked round after round', async () => {
  const series = seriesOf('XRPUSDT');
  const key = seriesKey(series);
  const half = { from: RANGE.from, to: RANGE.from + HOUR_MS };
  const { coverage, exchange, backfill } = bench.services;
  const told = { key, source: 'rest', outcome: 'answered', rows: 0, jobId: 'told' } as const;
  const evidence = 'REST has none.';
  // The exchange lacked these when it was asked, and has them by now; the time before the symbol it will never have.
  await coverage.recordAnswers(
    [{ ...told, at: exchange.now(), range: RANGE, absent: [half], evidence, rows: 60 }],
    new Map([[key, series]]),
  );
  expect(await verdicts('XRPUSDT', half)).toEqual(['confirmed_absent 60']);
  // A user's job does not ask again.
  expect((await backfill.plan({ items: [{ key, range: half }], source: 'auto' })).totals.requests).toBe(0);
  expect(await later(2 * DAY_MS, ['XRPUSDT']).look()).toBeNull();
  expect(await later(3 * DAY_MS + 1_000, ['XRPUSDT']).look()).toMatchObject({ source: 'rest' });
  await ended();
  expect(await verdicts('XRPUSDT', half)).toEqual(['present 60']);
});

it('bars that stay absent are asked more than once in a job, or no longer counted as tried', async () => {
  const series = seriesOf('LTCUSDT');
  const key = seriesKey(series);
  const { coverage, exchange } = bench.services;
  // Every answer is empty.
  const day = { from: Date.UTC(2024, 5, 19), to: Date.UTC(2024, 5, 20) };
  const told = {
    key,
    source: 'rest',
    outcome: 'answered',
    rows: 0,
    jobId: 'told',
    evidence: 'REST has none.',
  } as const;
  await coverage.recordAnswers([{ ...told, at: exchange.now(), range: day, absent: [day] }], new Map([[key, series]]));
  bench.practice.setFaults([{ match: { kind: 'klines', symbol: 'LTCUSDT' }, effect: 'missing' }]);
  const asked = () =>
    bench.practice.requestsLog().filter(({ path }) => path.includes('klines') && path.includes('LTCUSDT')).length;
  const before = asked();
  expect(await later(3 * DAY_MS + 1_000, ['LTCUSDT']).look()).not.toBeNull();
  await ended();
  const requests = asked() - before;
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(4);
  const { spans } = await coverage.report(series, day);
  const absent = spans.find(({ verdict }) => verdict === 'confirmed_absent');
  expect(absent).toBeDefined();
  const { span } = await coverage.explain(series, absent!.from);
  expect(Math.round((span.nextTry! - exchange.now()) / DAY_MS)).toBe(10);
});

it('re-checks crowd out what the user has asked for, or ask more than their budget', async () => {
  const { coverage, exchange, backfill } = bench.services;
  const symbols = ['BNBUSDT', 'ETHUSDT', 'SOLUSDT'];
  for (const symbol of symbols) {
    const key = seriesKey(seriesOf(symbol));
    const range = { from: RANGE.to - 40_000 * MINUTE_MS, to: RANGE.to };
    const told = { key, source: 'rest', outcome: 'failed', rows: 0, jobId: 'told', evidence: 'It failed.' } as const;
    await coverage.recordAnswers(
      [{ ...told, at: exchange.now(), range, absent: [] }],
      new Map([[key, seriesOf(symbol)]]),
    );
  }
  const rechecks = later(6 * MINUTE_MS, symbols);
  bench.practice.setFaults([{ match: { kind: 'klines' }, effect: 'slow', delayMs: 300 }]);
  const own = await backfill.start({ items: [{ key: 'binance:spot:BTCUSDT:1m', range: RANGE }], source: 'rest' });
  expect(await rechecks.look()).toBeNull();
  await own.finished;
  await ended();
  bench.practice.setFaults([]);
  // Forty requests of the hour's sixty; the other two would be more.
  expect((await rechecks.look())?.items.map(({ key }) => key)).toEqual(['binance:spot:BNBUSDT:1m']);
  await ended();
  expect(await rechecks.look()).toBeNull();
});
