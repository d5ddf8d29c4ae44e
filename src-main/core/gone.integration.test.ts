import { parseCandleSeriesKey, type Range } from '@shared/market';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ExtraSymbol, type PracticeExchange, startPracticeExchange } from '../practice';
import { readTruth, rowOf, rowOfExchange, startTestBench, type TestBench } from './testing';

const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const OLD: ExtraSymbol = {
  symbol: 'OLDUSDT',
  listedAt: Date.UTC(2023, 3, 10, 8),
  lastCandleAt: Date.UTC(2023, 5, 12, 2, 59),
};
const LIFE = { from: OLD.listedAt!, to: OLD.lastCandleAt! + 60_000 };
const keyOf = (interval: string) => `binance:spot:OLDUSDT:${interval}`;
const MINUTES = keyOf('1m');

let bench: TestBench;
/** The same exchange when it still listed the symbol. */
let before: PracticeExchange;
beforeAll(async () => {
  const clockSkewMs = NOW - Date.now();
  before = await startPracticeExchange({ clockSkewMs, extraSymbols: [OLD] });
  bench = await startTestBench({ clockSkewMs, extraSymbols: [{ ...OLD, gone: true }] });
});
afterEach(() => bench.practice.setFaults([]));
afterAll(async () => {
  await bench?.close();
  await before?.close();
});

async function expectTruth(key: string, range: Range): Promise<number> {
  const stored = await bench.stored(key, range);
  const truth = await readTruth(before.restUrl, parseCandleSeriesKey(key)!, range);
  expect(stored.rows).toBe(truth.length);
  for (let i = 0; i < truth.length; i++) expect(rowOf(stored, i)).toEqual(rowOfExchange(truth[i]!));
  return truth.length;
}

const candleRequests = () => bench.practice.counters().candleRequests;

describe('a symbol that only the archive still has', () => {
  it('is taken for a typing error, loses candles, asks REST, or calls days absent that lie outside its life', async () => {
    const range = { from: Date.UTC(2023, 2, 1), to: Date.UTC(2023, 6, 1) };
    const receipt = await bench.backfill(MINUTES, range);
    expect(receipt.errors).toEqual([]);
    expect(receipt).toMatchObject({ status: 'complete_with_explained_gaps', series: [{ stillMissing: 0 }] });
    const [series] = receipt.series;
    expect(series!.sources.rest).toBe(0);
    expect(bench.practice.counters().requests.klines ?? 0).toBe(0);
    expect(await expectTruth(MINUTES, range)).toBe(series!.stored);
    expect(series!.gaps.map(({ from, to, verdict }) => [from, to, verdict])).toEqual([
      [range.from, Date.UTC(2023, 3, 10), 'not_listed_yet'],
      [Date.UTC(2023, 3, 10), LIFE.from, 'confirmed_absent'],
      [LIFE.to, Date.UTC(2023, 5, 13), 'confirmed_absent'],
      [Date.UTC(2023, 5, 13), range.to, 'delisted'],
    ]);
    for (const gap of series!.gaps) expect(gap.evidence.join(' ')).toMatch(/no longer lists|archive/);

    const requests = candleRequests();
    expect(await bench.backfill(MINUTES, range)).toMatchObject({
      status: 'complete_with_explained_gaps',
      series: [{ stored: 0, stillMissing: 0 }],
    });
    expect(candleRequests()).toBe(requests);
  });

  it.each(['1h', '1d', '3d', '1w', '1M'])(
    'of %s candles stands on another grid, or stays partial',
    async (interval) => {
      const key = keyOf(interval);
      const receipt = await bench.backfill(key, { from: Date.UTC(2023, 2, 1), to: Date.UTC(2023, 7, 1) });
      expect(receipt.errors).toEqual([]);
      expect(receipt.status).toMatch(/^complete/);
      expect(receipt.series[0]!.stored).toBe(
        await expectTruth(key, { from: Date.UTC(2023, 2, 1), to: Date.UTC(2023, 7, 1) }),
      );
    },
  );

  it('with a bad monthly file is not completed from daily files; with no daily file either, nobody says so', async () => {
    const key = keyOf('5m');
    const day = { from: Date.UTC(2023, 4, 7), to: Date.UTC(2023, 4, 8) };
    bench.practice.setFaults([
      { match: { file: 'OLDUSDT-5m-2023-05.zip' }, effect: 'bad_checksum' },
      { match: { file: 'OLDUSDT-5m-2023-05-07.zip' }, effect: 'missing' },
    ]);
    const month = { from: Date.UTC(2023, 4, 1), to: Date.UTC(2023, 5, 1) };
    const receipt = await bench.backfill(key, month);
    expect(receipt).toMatchObject({ status: 'complete_with_explained_gaps', series: [{ stored: 30 * 288 }] });
    expect(receipt.series[0]!.gaps).toMatchObject([{ ...day, verdict: 'confirmed_absent', bars: 288 }]);
    expect(receipt.series[0]!.gaps[0]!.evidence.join(' ')).toContain('no file OLDUSDT-5m-2023-05-07.zip');
  });

  it('whose files cannot be trusted counts as complete', async () => {
    const key = keyOf('15m');
    bench.practice.setFaults([{ match: { kind: 'archive', symbol: 'OLDUSDT' }, effect: 'truncated_zip' }]);
    const range = { from: Date.UTC(2023, 4, 3), to: Date.UTC(2023, 4, 5) };
    const receipt = await bench.backfill(key, range);
    expect(receipt).toMatchObject({ status: 'partial', series: [{ stored: 0, stillMissing: 192 }] });
    expect(receipt.series[0]!.gaps).toMatchObject([{ verdict: 'fetch_failed' }]);
    bench.practice.setFaults([]);
    expect(await bench.backfill(key, range)).toMatchObject({ status: 'complete', series: [{ stored: 192 }] });
  });

  it('is planned over REST, or fetched from there when told so', async () => {
    const { backfill } = bench.services;
    const items = [{ key: keyOf('30m'), range: LIFE }];
    const plan = await backfill.plan({ items, source: 'auto' });
    expect(plan.totals).toMatchObject({ rest: 0, weight: 0 });
    expect(plan.totals.archiveMonthly + plan.totals.archiveDaily).toBeGreaterThan(0);
    await expect(backfill.plan({ items, source: 'rest' })).rejects.toMatchObject({ code: 'usage.gone_symbol' });
    expect(await bench.backfill(keyOf('30m'), LIFE, 'rest')).toMatchObject({
      status: 'failed',
      errors: [expect.stringContaining('no longer knows OLDUSDT')],
    });
  });

  it('is what an ended one is taken for, or one that is said to have ended is called delisted while its candles go on', async () => {
    // By the practice exchange's word MATICUSDT has ended, in September of that year.
    const recent = { from: NOW - 6 * 3_600_000, to: NOW };
    const receipt = await bench.backfill('binance:spot:MATICUSDT:1m', recent);
    expect(receipt.series[0]!.gaps.map(({ verdict }) => verdict)).not.toContain('delisted');
    const ended = await bench.backfill('binance:spot:XMRUSDT:1h', {
      from: Date.UTC(2024, 1, 19),
      to: Date.UTC(2024, 2, 1),
    });
    expect(ended.series[0]!.gaps).toMatchObject([{ from: Date.UTC(2024, 1, 20, 3), verdict: 'delisted' }]);
  });

  it('is offered for a name that nobody has', async () => {
    const { exchange } = bench.services;
    await expect(exchange.symbol('spot', 'OLDUSTD')).rejects.toMatchObject({ code: 'usage.unknown_symbol' });
    expect(await exchange.symbol('spot', 'NANOBTC')).toMatchObject({
      status: 'GONE',
      baseAsset: 'NANO',
      quoteAsset: 'BTC',
    });
    bench.practice.setFaults([{ match: { kind: 'listing' }, effect: 'status', status: 403 }]);
    await expect(exchange.symbol('spot', 'LOSTUSDT')).rejects.toMatchObject({
      code: 'usage.unknown_symbol',
      message: expect.stringMatching(/could not be learned/),
    });
  });
});
