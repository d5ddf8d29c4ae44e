import { AppError } from '@shared/contract';
import type { Range, TradeColumns } from '@shared/market';
import { parseAggTradeRows } from './agg-trade-rows';
import type { CallOptions } from './exchange-requests';
import type { RestContext } from './rest-context';
import type { CheckedTrades } from './trade-check';

/** One answer of aggTrades. */
export interface AggTradeAnswer extends CheckedTrades {
  /** As many rows as were asked for: there may be more. */
  full: boolean;
  /** What was asked for by time; null when it was asked for by id, or without bounds. */
  window: Range | null;
  target: string;
  /** This machine's clock when the request left. */
  sentAt: number;
}

/** Requests for aggregate trades of one symbol. */
export class AggTradeRequests {
  constructor(
    private readonly context: RestContext,
    readonly symbol: string,
    private readonly limit: number,
    private readonly options: CallOptions,
  ) {}

  /** The oldest rows with this id or a later one. */
  fromId(id: number, limit = this.limit): Promise<AggTradeAnswer> {
    return this.#ask(`&fromId=${id}`, { limit, window: null, fromId: id });
  }

  /** The oldest rows of a half-open window of times, epoch ms. */
  window(window: Range): Promise<AggTradeAnswer> {
    const { microseconds } = this.context.rules;
    // In microseconds the last millisecond of the window is asked for as a whole.
    const bounds = microseconds
      ? `&startTime=${window.from * 1000}&endTime=${window.to * 1000 - 1}`
      : `&startTime=${window.from}&endTime=${window.to - 1}`;
    return this.#ask(bounds, { limit: this.limit, window, fromId: null });
  }

  /** The newest rows. */
  newest(): Promise<AggTradeAnswer> {
    return this.#ask('', { limit: this.limit, window: null, fromId: null });
  }

  async #ask(
    bounds: string,
    asked: { limit: number; window: Range | null; fromId: number | null },
  ): Promise<AggTradeAnswer> {
    const { rules, requests } = this.context;
    const { limit, window, fromId } = asked;
    const target = `${rules.path.aggTrades}?symbol=${encodeURIComponent(this.symbol)}${bounds}&limit=${limit}`;
    const reply = await requests.get(target, rules.weight.aggTrades, {
      ...this.options,
      ...(rules.microseconds ? { headers: { 'X-MBX-TIME-UNIT': 'MICROSECOND' } } : {}),
    });
    const checked = parseAggTradeRows(reply.json, { range: window, fromId, source: target });
    const rows = Array.isArray(reply.json) ? reply.json.length : 0;
    return { ...checked, full: rows >= limit, window, target, sentAt: reply.sentAt };
  }
}

/** Null instead of the error when the exchange refuses this request, but not the symbol. */
export async function orRefused(answer: Promise<AggTradeAnswer>): Promise<AggTradeAnswer | null> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'usage.bad_parameter' || error.code === 'exchange.refused') return null;
    throw error;
  }
}

/** Index of the first trade at or after a time (epoch ms); `rows` when there is none. Times ascend, but for small steps back. */
export function firstAtOrAfter(trades: TradeColumns, ms: number): number {
  const us = ms * 1000;
  for (let i = 0; i < trades.rows; i++) if (trades.time[i]! >= us) return i;
  return trades.rows;
}
