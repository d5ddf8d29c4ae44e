import type { Range } from '@shared/market';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestBench, type TestBench } from './testing';

/** Requests worth a minute: small enough that a few series use it up in seconds. */
const LIMIT = 300;
const SHARE = 0.5;
/** As many requests as are on the way at once; one more refusal in a minute is answered with a ban. */
const STRIKES = 8;
const MINUTE_MS = 60_000;
const WEIGHT_OF_INFO = 20;
const WEIGHT_OF_TIME = 1;
const WEIGHT_OF_KLINES = 2;

const clock = { ahead: 0 };
const exchangeNow = (): number => Date.now() + clock.ahead;
let bench: TestBench;
beforeAll(async () => {
  clock.ahead = Date.UTC(2024, 5, 20, 12) - Date.now();
  bench = await startTestBench({ now: exchangeNow, weightLimit: LIMIT, strikesBeforeBan: STRIKES }, undefined, {
    weightShare: SHARE,
  });
});
afterAll(() => bench.close());

/** The exchange's next minute but one, some seconds before it turns, known to the limiter. */
beforeEach(async () => {
  bench.practice.setFaults([]);
  clock.ahead += 2 * MINUTE_MS + 54_000 - (exchangeNow() % MINUTE_MS);
  await bench.services.exchange.syncClock('spot');
});

/** Weight that another program of the same address uses up; the exchange's counter jumps by it. */
async function others(path: string, times: number): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: times }, () => fetch(`${bench.practice.restUrl}${path}`).then(({ status }) => status)),
  );
  expect(answers).toEqual(answers.map(() => 200));
}

const spent = (): number => bench.practice.counters().weight.spot;

/** Notes what is spent in each minute of the exchange until it is stopped. */
function meter(): { stop: () => number[] } {
  const start = spent();
  const sums = new Map<number, { from: number; to: number }>();
  let last = start;
  const look = (): void => {
    const minute = Math.floor(exchangeNow() / MINUTE_MS);
    const now = spent();
    const sum = sums.get(minute) ?? { from: last, to: last };
    sum.to = now;
    sums.set(minute, sum);
    last = now;
  };
  const timer = setInterval(look, 20);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return [...sums.values()].map(({ from, to }) => to - from);
    },
  };
}

const DAYS: Range = { from: Date.UTC(2024, 2, 1), to: Date.UTC(2024, 2, 9) };
const itemsOf = (coins: string) =>
  coins.split(' ').map((coin) => ({ key: `binance:spot:${coin}USDT:1m`, range: DAYS }));
const BARS = 8 * 1_440;

describe('six series side by side through REST', () => {
  it('take more than their share of the weight, or what other programs used is not theirs to leave', async () => {
    const theirs = 3 * WEIGHT_OF_INFO;
    await others('/api/v3/exchangeInfo', 3);
    await bench.services.exchange.syncClock('spot');
    const { stop } = meter();
    const items = itemsOf('ETH BNB LTC ADA XRP TRX');
    const receipt = await (await bench.services.backfill.start({ items, source: 'rest' })).finished;
    const minutes = stop();
    expect(receipt).toMatchObject({ status: 'complete', errors: [], series: items.map(() => ({ stored: BARS })) });
    expect(bench.practice.counters().refused).toEqual({ tooMuch: 0, banned: 0 });
    const own = 6 * WEIGHT_OF_KLINES * (1 + Math.ceil(BARS / 1_000));
    expect(minutes.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(own);
    // It does not fit into one minute.
    expect(minutes.length).toBeGreaterThan(1);
    expect(minutes[0]).toBeLessThanOrEqual(LIMIT * SHARE - theirs);
    for (const minute of minutes) expect(minute).toBeLessThanOrEqual(LIMIT * SHARE);
    for (const { key } of items)
      expect(await bench.differences(key, { from: DAYS.from, to: DAYS.from + 86_400_000 })).toEqual([]);
  }, 180_000);

  it('go on after a 429 until they are banned, when others use up the whole limit while requests are on the way', async () => {
    // What is on the way is counted when it is answered: all of it too late.
    bench.practice.setFaults([{ match: { kind: 'klines' }, effect: 'slow', delayMs: 1_500 }]);
    const before = spent();
    const items = itemsOf('LINK DOGE SOL NEO QTUM XLM');
    const own = await bench.services.backfill.start({ items, source: 'rest' });
    // The first candles of all six are known, and the first pages are on the way.
    const firsts = 6 * WEIGHT_OF_KLINES;
    await expect.poll(() => spent() - before, { timeout: 30_000, interval: 5 }).toBeGreaterThanOrEqual(firsts);
    const used = Number((await fetch(`${bench.practice.restUrl}/api/v3/time`)).headers.get('x-mbx-used-weight-1m'));
    const left = LIMIT - used;
    await others('/api/v3/exchangeInfo', Math.floor(left / WEIGHT_OF_INFO));
    await others('/api/v3/time', (left % WEIGHT_OF_INFO) * WEIGHT_OF_TIME);
    bench.practice.setFaults([]);
    const receipt = await own.finished;
    const { tooMuch, banned } = bench.practice.counters().refused;
    expect(tooMuch).toBeGreaterThan(0);
    expect(tooMuch).toBeLessThanOrEqual(STRIKES);
    expect(banned).toBe(0);
    expect(receipt).toMatchObject({ status: 'complete', errors: [], series: items.map(() => ({ stored: BARS })) });
  }, 180_000);
});
