import {
  createTradeColumns,
  type IdRange,
  MINUTE_MS,
  type Range,
  sliceTrades,
  type TradeColumns,
} from '@shared/market';
import { type AggTradeAnswer, AggTradeRequests, firstAtOrAfter } from './agg-trade-requests';
import { findStart } from './agg-trade-start';
import type { CallOptions } from './exchange-requests';
import type { RestContext } from './rest-context';
import type { SourceFinding } from './source-finding';

/** Trades of a half-open range of times (epoch ms), or from an id on (to another, inclusive, or to the newest). */
export type AggTradesRequest = { symbol: string /** Rows a page; 1000 at most, and by default. */; limit?: number } & (
  | { range: Range }
  | { fromId: number; toId?: number }
);

export interface AggTradesPage {
  /** Ascending by id; in the asked range. */
  trades: TradeColumns;
  /**
   * Ids that this answer settles, inclusive: what is among them and not among the trades does not exist, or is marked as no
   * trade. The next page's follow without a hole. Null when it settles none.
   */
  settledIds: IdRange | null;
  /**
   * The part of the asked range (epoch ms) that is complete with this page. A millisecond that may go on in the next page is
   * not settled, nor is the newest second. Starts where the last page's ended.
   */
  settled: Range;
  /** Settled ids that no row had, marked rows aside: the exchange has lost them. */
  missingIds: IdRange[];
  /** Exchange time at which the request left. */
  askedAt: number;
  /** Path and query, for evidence. */
  request: string;
  findings: SourceFinding[];
}

/** What is asked for now, and what was asked before. */
interface Cursor {
  /** First id that was asked for; null when a time was. */
  fromId: number | null;
  settledTo: number;
}

/** Trades younger than this may not be among the answers yet: futures join them over 100 ms. */
const FRESH_MS = 1_000;

/** Aggregate trades of one market, page by page. */
export class AggTrades {
  constructor(private readonly context: RestContext) {}

  async *pages(request: AggTradesRequest, options: CallOptions): AsyncGenerator<AggTradesPage, void, void> {
    const { rules, clock } = this.context;
    await this.context.ensureClock(options.signal);
    const limit = Math.min(Math.max(1, Math.floor(request.limit ?? rules.aggTradesLimit)), rules.aggTradesLimit);
    const requests = new AggTradeRequests(this.context, request.symbol, limit, options);
    if ('fromId' in request) {
      yield* this.#byId(requests, Math.max(0, request.fromId), request.toId ?? Number.POSITIVE_INFINITY);
      return;
    }
    const from = Math.max(rules.epoch, Math.ceil(request.range.from));
    const to = Math.ceil(request.range.to);
    if (from >= to || from >= clock.now()) return;
    yield* this.#byTime(requests, request.range.from, { from, to });
  }

  /** Trades a minute, by the newest page and this moment; null without any. */
  async perMinute(symbol: string, options: CallOptions): Promise<number | null> {
    const { rules, clock } = this.context;
    await this.context.ensureClock(options.signal);
    const { trades } = await new AggTradeRequests(this.context, symbol, rules.aggTradesLimit, options).newest();
    if (trades.rows === 0) return null;
    // A symbol that has not traded for long is as quiet as that.
    return (trades.rows * MINUTE_MS) / Math.max(1, clock.now() - trades.time[0]! / 1000);
  }

  async *#byTime(requests: AggTradeRequests, settledFrom: number, range: Range): AsyncGenerator<AggTradesPage> {
    const start = await findStart(this.context, requests, range);
    let { answer } = start;
    const cursor: Cursor = { fromId: null, settledTo: settledFrom };
    for (;;) {
      const page = this.#timePage(answer, range, cursor);
      yield page;
      cursor.settledTo = page.settled.to;
      const next = nextByTime(answer, range);
      if (next === null) return;
      cursor.fromId = next;
      answer = await requests.fromId(next);
    }
  }

  async *#byId(requests: AggTradeRequests, fromId: number, toId: number): AsyncGenerator<AggTradesPage> {
    let settledTo: number | null = null;
    for (let next = fromId; next <= toId; ) {
      const answer = await requests.fromId(next);
      const { ids, trades } = answer;
      if (ids === null) return;
      let end = trades.rows;
      while (end > 0 && trades.aggId[end - 1]! > toId) end--;
      const settledIds = { from: next, to: Math.min(ids.to, toId) };
      const times = trades.time;
      // Of the first millisecond, trades with smaller ids were not asked for; the last may go on behind the page.
      settledTo ??= end > 0 ? Math.floor(times[0]! / 1000) + 1 : 0;
      const settled: Range = {
        from: settledTo,
        to: end > 0 ? Math.max(settledTo, Math.floor(times[end - 1]! / 1000)) : settledTo,
      };
      settledTo = settled.to;
      yield {
        ...this.#evidence(answer),
        trades: sliceTrades(trades, 0, end),
        settledIds,
        settled,
        missingIds: missingUpTo(answer, next, settledIds.to),
      };
      if (!answer.full) return;
      next = ids.to + 1;
    }
  }

  #timePage(answer: AggTradeAnswer, range: Range, cursor: Cursor): AggTradesPage {
    const { trades, ids } = answer;
    const start = cursor.fromId === null ? firstAtOrAfter(trades, range.from) : 0;
    const end = Math.max(start, firstAtOrAfter(trades, range.to));
    const first = cursor.fromId ?? (start < end ? trades.aggId[start]! : null);
    // Marked rows behind the last trade are settled too, unless trades of later times were cut off.
    const last = end === trades.rows ? (ids?.to ?? null) : end > 0 ? trades.aggId[end - 1]! : null;
    const settledIds = first !== null && last !== null && last >= first ? { from: first, to: last } : null;
    return {
      ...this.#evidence(answer),
      trades: start < end ? sliceTrades(trades, start, end) : createTradeColumns(0),
      settledIds,
      settled: { from: cursor.settledTo, to: Math.max(cursor.settledTo, this.#settledTo(answer, range)) },
      missingIds: settledIds ? missingUpTo(answer, settledIds.from, settledIds.to) : [],
    };
  }

  /** Up to where an answer shows all trades that there are. */
  #settledTo(answer: AggTradeAnswer, range: Range): number {
    const { trades, sentAt, full, window } = answer;
    const lastTime = trades.rows > 0 ? trades.time[trades.rows - 1]! / 1000 : Number.NEGATIVE_INFINITY;
    const fresh = Math.floor(this.context.clock.earliestAt(sentAt)) - FRESH_MS;
    if (lastTime >= range.to) return range.to;
    return Math.min(full ? Math.floor(lastTime) : (window?.to ?? range.to), range.to, fresh);
  }

  #evidence(answer: AggTradeAnswer): Pick<AggTradesPage, 'askedAt' | 'request' | 'findings'> {
    const { target, sentAt, findings } = answer;
    return { askedAt: sentAt + this.context.clock.offsetMs, request: target, findings };
  }
}

/** The id to go on with; null when the answer reaches the end of the range, or the newest trade. */
function nextByTime(answer: AggTradeAnswer, range: Range): number | null {
  const { ids, trades, full, window } = answer;
  if (ids === null) return null;
  const lastTime = trades.rows > 0 ? trades.time[trades.rows - 1]! / 1000 : Number.NEGATIVE_INFINITY;
  if (lastTime >= range.to) return null;
  const complete = window === null ? !full : !full && window.to >= range.to;
  return complete ? null : ids.to + 1;
}

/** Missing ids from the first that was asked for up to the last that is settled. */
function missingUpTo(answer: AggTradeAnswer, from: number, to: number): IdRange[] {
  const first = answer.ids?.from ?? from;
  const head = first > from ? [{ from, to: first - 1 }] : [];
  return [...head, ...answer.missingIds]
    .map((ids) => ({ from: Math.max(ids.from, from), to: Math.min(ids.to, to) }))
    .filter((ids) => ids.from <= ids.to);
}
