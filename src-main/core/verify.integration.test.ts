import { MINUTE_MS, parseCandleSeriesKey, type Range, tableName } from '@shared/market';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const DAYS: Range = { from: Date.UTC(2024, 5, 5), to: Date.UTC(2024, 5, 7) };
const NOON = Date.UTC(2024, 5, 5, 12);
const never = new AbortController().signal;

let bench: TestBench;
beforeAll(async () => {
  bench = await startTestBench({ clockSkewMs: NOW - Date.now() });
});
afterAll(() => bench.close());

async function verify(key: string, against: 'rest' | 'archive' | 'intervals' | null = null) {
  return bench.services.verify(parseCandleSeriesKey(key)!, { against, range: DAYS, signal: never });
}

/** Writes over stored rows behind Tapemend's back, as a script would. */
async function overwrite(key: string, at: number, columns: Record<string, number>): Promise<void> {
  const series = parseCandleSeriesKey(key)!;
  const sets = Object.entries(columns).map(([column, value]) => `${column} = ${value}`);
  await bench.services.store.query(
    `UPDATE "${tableName(series)}" SET ${sets.join(', ')} WHERE timestamp = '${new Date(at).toISOString()}'`,
  );
  await bench.services.store.settle(series);
}

const spanOf = (at: number, bars = 1): Range => ({ from: at, to: at + bars * MINUTE_MS });

describe('an audit', () => {
  it('of sound rows finds faults, or looks at other rows than are stored', async () => {
    const key = 'binance:spot:BTCUSDT:1m';
    await bench.backfill(key, DAYS);
    expect(await verify(key)).toMatchObject({ bars: 2_880, compared: 2_880, faults: 0, missing: { unexplained: 0 } });
    expect(await verify(key, 'rest')).toMatchObject({ compared: 2_880, different: 0, findings: [], failures: [] });
    expect(await verify(key, 'archive')).toMatchObject({ compared: 2_880, different: 0, findings: [], failures: [] });
    await bench.backfill('binance:spot:BTCUSDT:1h', DAYS);
    expect(await verify('binance:spot:BTCUSDT:1h', 'intervals')).toMatchObject({ compared: 48, different: 0 });
  }, 120_000);

  it('does not see rows that were changed, names them twice, or forgets that they were mended', async () => {
    const key = 'binance:spot:ETHUSDT:1m';
    await bench.backfill(key, DAYS);
    await bench.backfill('binance:spot:ETHUSDT:1h', DAYS);
    const before = (await bench.stored(key, spanOf(NOON))).high[0]!;
    await overwrite(key, NOON, { high: 1 });
    await overwrite(key, NOON + MINUTE_MS, { volume: -5 });

    const itself = await verify(key);
    expect(itself.findings.filter(({ kind }) => kind === 'impossible_candle').map(({ range }) => range)).toEqual([
      spanOf(NOON),
      spanOf(NOON + MINUTE_MS),
    ]);
    expect(itself.faults).toBe(2);
    expect((await verify(key)).findings.map(({ id }) => id)).toEqual(itself.findings.map(({ id }) => id));

    const rest = await verify(key, 'rest');
    expect(rest).toMatchObject({ compared: 2_880, different: 2 });
    expect(rest.findings.map(({ sentence }) => sentence)).toEqual([
      'ETHUSDT 1m: A stored candle at 2024-06-05 12:00 UTC differs from REST in high.',
      'ETHUSDT 1m: A stored candle at 2024-06-05 12:01 UTC differs from REST in volume.',
    ]);
    expect((await verify(key, 'archive')).different).toBe(2);
    const hours = await verify('binance:spot:ETHUSDT:1h', 'intervals');
    expect(hours.findings).toMatchObject([
      { kind: 'rollup_difference', range: { from: NOON, to: NOON + 60 * MINUTE_MS } },
    ]);

    await overwrite(key, NOON, { high: before });
    const after = await verify(key);
    expect(after).toMatchObject({ fixed: 1, faults: 1 });
    const known = await bench.services.store.findingsRead({ keys: [key] });
    expect(known.filter(({ kind, state }) => kind === 'impossible_candle' && state === 'fixed')).toHaveLength(1);
  }, 180_000);

  it('takes rows that somebody invented for the exchange’s', async () => {
    const key = 'binance:spot:BNBUSDT:1m';
    const series = parseCandleSeriesKey(key)!;
    // The exchange stood still from 02:00 to 04:29.
    const range: Range = { from: Date.UTC(2021, 3, 20), to: Date.UTC(2021, 3, 20, 6) };
    await bench.backfill(key, range);
    const invented = Date.UTC(2021, 3, 20, 2, 30);
    const copyTo = async (at: number) => {
      await bench.services.store.query(
        `INSERT INTO "${tableName(series)}" SELECT '${new Date(at).toISOString()}', node_id, interval, ${at / 1_000}, open, high, low, close, volume, quote_volume, trades, taker_base, taker_quote
         FROM "${tableName(series)}" WHERE timestamp = '${new Date(range.from).toISOString()}'`,
      );
      await bench.services.store.settle(series);
    };
    await copyTo(invented);
    const rest = await bench.services.verify(series, { against: 'rest', range, signal: never });
    expect(rest.findings.map(({ sentence }) => sentence)).toEqual([
      'BNBUSDT 1m: A stored candle at 2021-04-20 02:30 UTC does not exist at REST.',
    ]);
    expect(rest.faults).toBe(1);

    const alone = await bench.services.verify(series, { against: null, range, signal: never });
    expect(alone).toMatchObject({ faults: 1, findings: [{ kind: 'phantom_candle', range: spanOf(invented) }] });

    await copyTo(NOW + 90 * MINUTE_MS);
    const later = { from: range.from, to: NOW + 1_000 * MINUTE_MS };
    const itself = await bench.services.verify(series, { against: null, range: later, signal: never });
    expect(itself.findings.filter(({ kind }) => kind === 'impossible_candle')).toMatchObject([
      { sentence: expect.stringContaining('an open time in the future') },
    ]);
  }, 120_000);

  it('a finding is settled by rows that nobody asked for, or the rows before it are lost', async () => {
    const key = 'binance:spot:XRPUSDT:1m';
    const series = parseCandleSeriesKey(key)!;
    const { curation, store } = bench.services;
    await bench.backfill(key, DAYS);
    const sound = await bench.stored(key, DAYS);
    await overwrite(key, NOON, { high: 1 });
    const [finding] = (await verify(key)).findings.filter(({ kind }) => kind === 'impossible_candle');
    const result = await curation.refetch(finding!.id, never);
    expect(result).toMatchObject({ changed: 1, added: 0, removed: 0 });
    expect((await bench.stored(key, DAYS)).high).toEqual(sound.high);
    expect((await store.findingsRead({ keys: [key] })).map(({ state }) => state)).toEqual(['fixed']);
    expect((await verify(key)).faults).toBe(0);

    await curation.reverts.revert(result.jobId, series);
    expect((await bench.stored(key, spanOf(NOON))).high[0]).toBe(1);
    expect((await verify(key)).faults).toBe(1);
  }, 120_000);

  it('candles that their own trades contradict pass, or sound ones do not', async () => {
    // Of some minutes (12:55) the practice exchange has a candle that shows more prices than it counts trades.
    const key = 'binance:spot:BTCUSDT:1m';
    const hour: Range = { from: NOON, to: NOON + 50 * MINUTE_MS };
    await bench.backfill(key, hour);
    await bench.backfill('binance:spot:BTCUSDT:aggTrade', hour);
    const sound = await verify(key, 'intervals');
    expect(sound).toMatchObject({ different: 0, findings: [] });
    expect(sound.compared).toBeGreaterThan(40);
    await overwrite(key, NOON + 5 * MINUTE_MS, { trades: 1_000_000 });
    expect((await verify(key, 'intervals')).findings).toMatchObject([
      { kind: 'trade_difference', range: spanOf(NOON + 5 * MINUTE_MS) },
    ]);
  }, 120_000);
});
