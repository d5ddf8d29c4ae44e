import { candleSeries } from '@shared/market';
import { expect, it } from 'vitest';
import { streamConfig, streamNodeId } from '../dag';
import { BinanceFetcher } from './binance-fetcher';
import { CandleTruth, truthCandle } from './candle-truth';
import { ManualClock } from './manual-clock';
import { BinanceRest } from './rest';
import { WeightLimiter } from './weight-limiter';

const START = Date.UTC(2024, 0, 1) / 1000;
const QUERY = { nodeId: 'a', interval: 60 };

function restOf(bars: number, now: number) {
  const clock = new ManualClock(now * 1000);
  const opens = Array.from({ length: bars }, (_, i) => (START + i * 60) * 1000);
  const http = new CandleTruth(opens, clock.now);
  const limiter = new WeightLimiter({ share: 1, now: clock.now, sleep: clock.sleep });
  const rest = new BinanceRest({
    market: 'spot',
    urls: ['http://127.0.0.1:1'],
    limiter,
    http,
    now: clock.now,
    sleep: clock.sleep,
  });
  return { rest, http };
}

const fetcherOf = (rest: BinanceRest) => new BinanceFetcher({ rest, symbol: 'BTCUSDT', interval: '1m' });

it('both ends of the range belong to it, times are opens in seconds, prices numbers', async () => {
  const rows = await fetcherOf(restOf(10, START + 6000).rest).fetch(START + 60, START + 180, QUERY);
  expect(rows.map((row) => row.ts)).toEqual([START + 60, START + 120, START + 180]);
  const candle = truthCandle((START + 60) * 1000);
  expect(rows[0]).toEqual({
    ts: START + 60,
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    volume: candle.volume,
    quote_volume: candle.quoteVolume,
    trades: candle.trades,
    taker_base: candle.takerBase,
    taker_quote: candle.takerQuote,
  });
});

it('more than one page is no limit, and the running bar is left out', async () => {
  const { rest } = restOf(2_500, START + 2_499 * 60 + 30);
  const rows = await fetcherOf(rest).fetch(START, START + 9_999 * 60, QUERY);
  expect(rows.map((row) => row.ts)).toEqual(Array.from({ length: 2_499 }, (_, i) => START + i * 60));
});

it('a shared fetcher knows by the node id which series is meant', async () => {
  const { rest, http } = restOf(3, START + 6000);
  const fetcher = new BinanceFetcher({ rest });
  for (const symbol of ['BTCUSDT', 'ETHUSDT']) {
    const series = candleSeries(symbol, '1m');
    fetcher.bindStream({ nodeId: streamNodeId(series), interval: 60, config: { ...streamConfig(series) } });
  }
  await fetcher.fetch(START, START, { nodeId: streamNodeId(candleSeries('ETHUSDT', '1m')), interval: 60 });
  expect(http.requests.at(-1)).toContain('symbol=ETHUSDT');
});

it('a stream without a known series, or with bars of another length, is told so instead of fetched', async () => {
  const { rest, http } = restOf(3, START + 6000);
  await expect(new BinanceFetcher({ rest }).fetch(START, START, QUERY)).rejects.toMatchObject({
    code: 'usage.unknown_stream',
  });
  await expect(fetcherOf(rest).fetch(START, START, { ...QUERY, interval: 300 })).rejects.toMatchObject({
    code: 'usage.interval_mismatch',
  });
  expect(() => new BinanceFetcher({ rest, symbol: 'BTCUSDT' })).toThrow(
    expect.objectContaining({ code: 'usage.bad_fetcher' }),
  );
  expect(http.requests).toEqual([]);
});
