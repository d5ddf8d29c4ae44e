import { AppError } from '@shared/contract';
import { formatTime, type Range } from '@shared/market';
import { type AggTradeAnswer, type AggTradeRequests, firstAtOrAfter, orRefused } from './agg-trade-requests';
import type { RestContext } from './rest-context';

/** How many ids before a trade are looked at for the trade before it: some ids are lost. */
const NEIGHBOURS = 100;
/** Every second guess halves what is left, so that 2^50 ids are searched through. */
const MOST_GUESSES = 110;

/** A trade that is known: its id, and its time in ms. */
interface Known {
  id: number;
  time: number;
}

/**
 * The answer that holds the first trade at or after `range.from`, or shows that the range has none. Where windows of time are
 * bounded and old trades may be gone (futures), the trade before it is looked at too: without one, trades of the range may
 * be missing that the exchange no longer serves, and `exchange.too_old` is thrown.
 */
export async function findStart(
  context: RestContext,
  requests: AggTradeRequests,
  range: Range,
): Promise<{ answer: AggTradeAnswer }> {
  const { aggTradesWindowMs } = context.rules;
  if (aggTradesWindowMs === null) return { answer: await requests.window(range) };
  const window = { from: range.from, to: Math.min(range.to, range.from + aggTradesWindowMs) };
  const answer = await orRefused(requests.window(window));
  if (answer?.ids) {
    const before = await neighbourBefore(requests, answer.ids.from);
    if (before === 'none_exists' || (before !== null && before.time < range.from)) return { answer };
    if (before === null) throw tooOld(context, requests.symbol, range, firstOf(answer));
  }
  return { answer: await searchById(context, requests, range) };
}

/** The trade with the next smaller id; null when the exchange shows none although there must have been one. */
async function neighbourBefore(requests: AggTradeRequests, id: number): Promise<Known | 'none_exists' | null> {
  // Ids count from 0 or 1 when a symbol is listed.
  if (id <= 1) return 'none_exists';
  const from = Math.max(0, id - NEIGHBOURS);
  // So near to the edge of what is served, the further neighbours may be refused, and the next one not.
  const answer = (await orRefused(requests.fromId(from, NEIGHBOURS))) ?? (await orRefused(requests.fromId(id - 1, 1)));
  if (!answer?.ids || answer.ids.from >= id) return null;
  const { trades } = answer;
  let before: Known | null = null;
  for (let i = 0; i < trades.rows && trades.aggId[i]! < id; i++) {
    before = { id: trades.aggId[i]!, time: trades.time[i]! / 1000 };
  }
  return before;
}

/** Narrows the ids down between one that is too early and one that is late enough, guessing by the pace of trading. */
async function searchById(context: RestContext, requests: AggTradeRequests, range: Range): Promise<AggTradeAnswer> {
  const newest = await requests.newest();
  if (newest.trades.rows === 0) throw tooOld(context, requests.symbol, range, null);
  const at = firstAtOrAfter(newest.trades, range.from);
  // The newest trade is older than the range: nothing was traded in it.
  if (at === newest.trades.rows) return { ...newest, full: false };
  if (at > 0) return newest;

  let late = { ...firstOf(newest)!, pace: paceOf(newest) };
  /** Ids from here on up to `late.id` do not exist. */
  let bound = late.id;
  let early: Known | null = null;
  let earlyId = -1;
  for (let guesses = 0; bound > earlyId + 1 && guesses < MOST_GUESSES; guesses++) {
    const middle = Math.floor((earlyId + bound) / 2);
    const guess = guesses % 2 === 0 ? guessByPace(early, late, range.from) : middle;
    const id = Math.min(Math.max(guess, earlyId + 1), bound - 1);
    const answer = await orRefused(requests.fromId(id));
    const first = answer && firstOf(answer);
    if (!answer || !first) {
      // Refused or empty although later ones exist: no longer served.
      earlyId = id;
      early = null;
    } else if (first.time >= range.from) {
      if (first.id < late.id) late = { ...first, pace: paceOf(answer) };
      bound = id;
    } else {
      if (firstAtOrAfter(answer.trades, range.from) < answer.trades.rows) return answer;
      const { trades } = answer;
      early = { id: trades.aggId[trades.rows - 1]!, time: trades.time[trades.rows - 1]! / 1000 };
      earlyId = answer.ids!.to;
    }
  }
  if (early === null && late.id > 1) throw tooOld(context, requests.symbol, range, late);
  return requests.fromId(late.id);
}

/** An id shortly before the trade that is looked for, so that a page from there holds it. */
function guessByPace(early: Known | null, late: Known & { pace: number }, from: number): number {
  const pace = early && late.time > early.time ? (late.id - early.id) / (late.time - early.time) : late.pace;
  const ids = (late.time - from) * pace;
  return Math.floor(late.id - ids) - NEIGHBOURS;
}

function firstOf({ trades }: AggTradeAnswer): Known | null {
  return trades.rows > 0 ? { id: trades.aggId[0]!, time: trades.time[0]! / 1000 } : null;
}

/** Ids a millisecond. */
function paceOf({ trades: { rows, time, aggId } }: AggTradeAnswer): number {
  if (rows < 2) return 0;
  return (aggId[rows - 1]! - aggId[0]!) / Math.max(1, (time[rows - 1]! - time[0]!) / 1000);
}

function tooOld(context: RestContext, symbol: string, range: Range, oldest: Known | null): AppError {
  const { name } = context.rules;
  const what = `aggregate trades of ${symbol} (${name})`;
  return new AppError(
    'exchange.too_old',
    oldest
      ? `Through REST the exchange has ${what} only from ${formatTime(Math.floor(oldest.time))} UTC on, but ${formatTime(range.from)} was asked for. Only the archives have earlier ones.`
      : `Through REST the exchange has no ${what} any more. Only the archives have them.`,
    { symbol, oldest: oldest && Math.floor(oldest.time), oldestId: oldest?.id ?? null },
  );
}
