import { type Candle, floorToGrid, gridOf, type Interval, intervalMs } from '@shared/market';
import type { HttpGetter, HttpReply } from './http-client';

/** A kline row as the exchange writes it. */
export function rowOf(candle: Candle, closeTime: number): unknown[] {
  const text = (value: number) => value.toFixed(8);
  const { open, high, low, close, volume, quoteVolume, trades, takerBase, takerQuote } = candle;
  return [
    candle.openTime,
    ...[open, high, low, close, volume].map(text),
    closeTime,
    text(quoteVolume),
    trades,
    text(takerBase),
    text(takerQuote),
    '0',
  ];
}

/** A candle whose values tell its open. */
export function truthCandle(openTime: number): Candle {
  const base = 1 + (openTime % 9_973) / 8;
  return {
    openTime,
    open: base,
    high: base + 1,
    low: base / 2,
    close: base + 0.5,
    volume: 2,
    quoteVolume: 3,
    trades: openTime % 7,
    takerBase: 1,
    takerQuote: 1.5,
  };
}

/** Longest window of COIN-M. */
const WINDOW_MS = 200 * 86_400_000;

/**
 * Answers `time` and `klines` in memory from a list of opens, by the list rules of the exchange; under `/dapi/` by those of
 * COIN-M (facts/binance.md §3.2). Longer candles are those that hold an open of the list.
 */
export class CandleTruth implements HttpGetter {
  readonly requests: string[] = [];

  constructor(
    readonly opens: readonly number[],
    readonly serverTime: () => number,
    readonly rowLimit = 1000,
    /** The interval of the list. */
    readonly interval: Interval = '1m',
    /** Whether COIN-M cuts also an answer without bounds to the last window; the documents do not say. */
    readonly unboundedWindow = false,
  ) {}

  #opensOf(interval: Interval): readonly number[] {
    if (intervalMs(interval) <= intervalMs(this.interval)) return this.opens;
    const grid = gridOf(interval);
    return [...new Set(this.opens.map((open) => floorToGrid(grid, open)))];
  }

  async get(url: string): Promise<HttpReply> {
    const { pathname, search, searchParams } = new URL(url);
    this.requests.push(pathname + search);
    if (pathname.endsWith('/time')) return replyOf({ serverTime: this.serverTime() });
    const coin = pathname.startsWith('/dapi/');
    const start = searchParams.has('startTime') ? Number(searchParams.get('startTime')) : null;
    const end = searchParams.has('endTime') ? Number(searchParams.get('endTime')) : null;
    if (coin && start !== null && end !== null && end - start > WINDOW_MS) {
      return replyOf({ code: -4088, msg: 'Maximum time interval is 200 days.' }, 400);
    }
    const { unboundedWindow } = this;
    const from = start ?? (coin && (end !== null || unboundedWindow) ? (end ?? this.serverTime()) - WINDOW_MS : 0);
    const to = end ?? (coin && start !== null ? start + WINDOW_MS : Number.POSITIVE_INFINITY);
    const limit = Math.min(Number(searchParams.get('limit') ?? 500), this.rowLimit);
    const now = this.serverTime();
    const interval = searchParams.get('interval') as Interval;
    const inside = this.#opensOf(interval).filter((open) => open >= from && open <= to && open <= now);
    const rows = start !== null && !coin ? inside.slice(0, limit) : inside.slice(-limit);
    return replyOf(rows.map((open) => rowOf(truthCandle(open), open + 59_999)));
  }
}

function replyOf(json: unknown, status = 200): HttpReply {
  const body = new TextEncoder().encode(JSON.stringify(json));
  return { status, headers: {}, body, wireBytes: body.length };
}
