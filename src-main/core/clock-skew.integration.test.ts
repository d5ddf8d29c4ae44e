import { DAY_MS, MINUTE_MS } from '@shared/market';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startTestBench, type TestBench } from './testing';

const MIDNIGHT = Date.UTC(2024, 5, 20);
const realNow = Date.now;
/** How far this machine's clock is set ahead of the true one; the exchange's stays `skew` ahead of it. */
let ahead = 0;

beforeAll(() => {
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + ahead);
});
afterAll(() => vi.restoreAllMocks());

describe.each([
  { skew: -3 * MINUTE_MS, what: 'behind' },
  { skew: 3 * MINUTE_MS, what: 'ahead' },
])('an exchange whose clock is three minutes $what', ({ skew }) => {
  let bench: TestBench;
  beforeAll(async () => {
    bench = await startTestBench({ clockSkewMs: skew });
  });
  afterAll(() => bench?.close());
  afterEach(() => {
    ahead = 0;
  });

  async function setExchangeClock(to: number): Promise<void> {
    ahead = to - skew - realNow();
    await bench.services.exchange.syncClock('spot');
  }

  it('gets a running candle stored as closed, or a closed one left out', async () => {
    await setExchangeClock(MIDNIGHT + 12.5 * MINUTE_MS);
    const range = { from: MIDNIGHT - 30 * MINUTE_MS, to: MIDNIGHT + 20 * MINUTE_MS };
    const key = 'binance:spot:BTCUSDT:1m';
    const receipt = await bench.backfill(key, range);
    expect([receipt.status, receipt.errors]).toEqual(['complete_with_explained_gaps', []]);
    expect(receipt.series[0]!.gaps).toMatchObject([{ verdict: 'not_closed_yet', to: range.to }]);
    const closed = receipt.series[0]!.gaps[0]!.from;
    // Whatever minutes this took.
    expect(closed).toBeGreaterThanOrEqual(MIDNIGHT + 12 * MINUTE_MS);
    expect(closed).toBeLessThanOrEqual(Date.now() + skew);
    expect(await bench.differences(key, { from: range.from, to: closed })).toEqual([]);
    expect((await bench.stored(key, { from: closed, to: range.to })).rows).toBe(0);
  }, 60_000);

  it.each([
    { moment: 'a minute before', offset: -MINUTE_MS, tier: 'rest' as const },
    { moment: 'a minute after', offset: MINUTE_MS, tier: 'archiveDaily' as const },
  ])(
    '$moment a file can be expected has it asked for by this machine’s clock',
    async ({ offset, tier }) => {
      // Two days after a day its file is counted on.
      const day = { from: MIDNIGHT - 3 * DAY_MS, to: MIDNIGHT - 2 * DAY_MS };
      await setExchangeClock(MIDNIGHT + offset);
      const key = `binance:spot:${tier === 'rest' ? 'ETH' : 'BNB'}USDT:1m`;
      const { series } = await bench.services.backfill.plan({ items: [{ key, range: day }], source: 'auto' });
      expect(series[0]!.pages.map((page) => page.tier)).toEqual([tier]);
      const receipt = await bench.backfill(key, day);
      expect([receipt.status, receipt.errors]).toEqual(['complete', []]);
      expect(receipt.series[0]!.sources[tier]).toBeGreaterThan(0);
      expect(await bench.differences(key, day)).toEqual([]);
    },
    60_000,
  );

  it('is asked with this machine’s time, which it would refuse', () => {
    const asked = bench.practice.requestsLog().filter(({ path }) => /recvWindow|timestamp=/.test(path));
    expect(asked).toEqual([]);
  });
});
