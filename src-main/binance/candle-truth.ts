import type { Candle } from '@shared/market';
import type { HttpClient, HttpReply } from './http-client';

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

/** Answers `time` and `klines` in memory from a list of opens, by the list rules of the exchange. */
export class CandleTruth implements HttpClient {
  readonly requests: string[] = [];

  constructor(
    readonly opens: readonly number[],
    readonly serverTime: () => number,
    readonly rowLimit = 1000,
  ) {}

  async get(url: string): Promise<HttpReply> {
    const { pathname, search, searchParams } = new URL(url);
    this.requests.push(pathname + search);
    if (pathname.endsWith('/time')) return replyOf({ serverTime: this.serverTime() });
    const from = Number(searchParams.get('startTime') ?? 0);
    const to = Number(searchParams.get('endTime') ?? Number.POSITIVE_INFINITY);
    const limit = Math.min(Number(searchParams.get('limit') ?? 500), this.rowLimit);
    const now = this.serverTime();
    const inside = this.opens.filter((open) => open >= from && open <= to && open <= now);
    const rows = searchParams.has('startTime') ? inside.slice(0, limit) : inside.slice(-limit);
    return replyOf(rows.map((open) => rowOf(truthCandle(open), open + 59_999)));
  }
}

function replyOf(json: unknown): HttpReply {
  const body = new TextEncoder().encode(JSON.stringify(json));
  return { status: 200, headers: {}, body, wireBytes: body.length };
}
