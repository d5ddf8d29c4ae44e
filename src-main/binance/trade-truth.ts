import type { HttpGetOptions, HttpGetter, HttpReply } from './http-client';

/** A trade as the truth has it: time in µs. */
export interface TrueTrade {
  id: number;
  us: number;
  /** A row that Binance marked as no trade. */
  marked?: boolean;
}

export interface TradeTruthOptions {
  /** Trades before this moment (ms) are no longer served. */
  oldest?: number;
  /** What a question about such trades is answered with. */
  tooOld?: 'nothing' | 'refusal';
}

const HOUR_MS = 3_600_000;

/** An aggTrades row as the exchange writes it. */
export function aggTradeRow({ id, us, marked }: TrueTrade, microseconds: boolean): Record<string, unknown> {
  return {
    a: id,
    p: marked ? '0' : `${100 + (id % 50)}.25`,
    q: marked ? '0' : `${1 + (id % 7)}.5`,
    f: marked ? -1 : id * 2,
    l: marked ? -1 : id * 2 + 1,
    T: microseconds ? us : Math.floor(us / 1000),
    m: id % 2 === 0,
  };
}

/**
 * Answers `time` and `aggTrades` in memory from a list of trades, by the rules of facts/binance.md §2.3 and §3.1: spot takes
 * any window, futures one under an hour, and by `fromId` whatever is still served.
 */
export class TradeTruth implements HttpGetter {
  readonly requests: string[] = [];

  constructor(
    readonly trades: readonly TrueTrade[],
    readonly serverTime: () => number,
    readonly options: TradeTruthOptions = {},
  ) {}

  async get(url: string, { headers = {} }: Pick<HttpGetOptions, 'headers'> = {}): Promise<HttpReply> {
    const { pathname, search, searchParams } = new URL(url);
    this.requests.push(pathname + search);
    if (pathname.endsWith('/time')) return replyOf({ serverTime: this.serverTime() });
    const spot = pathname.startsWith('/api/');
    const number = (name: string) => (searchParams.has(name) ? Number(searchParams.get(name)) : null);
    const start = number('startTime');
    const end = number('endTime');
    const fromId = number('fromId');
    const limit = number('limit') ?? 500;
    const toUs = (time: number) => (time > 1e14 ? time : time * 1000);
    if (!spot && start !== null && end !== null && end - start >= HOUR_MS) {
      return replyOf({ code: -1127, msg: 'More than 1 hours between startTime and endTime.' }, 400);
    }
    const { oldest = 0, tooOld = 'nothing' } = this.options;
    const now = this.serverTime() * 1000;
    const all = this.trades.filter(({ us }) => us <= now);
    const served = all.filter(({ us }) => us >= oldest * 1000);
    const refuses = tooOld === 'refusal' && oldest > 0;
    if (refuses && ((start !== null && start < oldest) || (fromId !== null && fromId < (served[0]?.id ?? 0)))) {
      return replyOf({ code: -1130, msg: "Data sent for parameter 'startTime' is not valid." }, 400);
    }
    const inside = served.filter(
      ({ id, us }) =>
        (fromId === null || id >= fromId) &&
        (start === null || us >= toUs(start)) &&
        // A time in milliseconds is compared with milliseconds.
        (end === null || us <= (end > 1e14 ? end : end * 1000 + 999)),
    );
    const rows = fromId !== null || start !== null ? inside.slice(0, limit) : inside.slice(-limit);
    const microseconds = spot && headers['X-MBX-TIME-UNIT'] === 'MICROSECOND';
    return replyOf(rows.map((trade) => aggTradeRow(trade, microseconds)));
  }
}

function replyOf(json: unknown, status = 200): HttpReply {
  const body = new TextEncoder().encode(JSON.stringify(json));
  return { status, headers: {}, body, wireBytes: body.length };
}
