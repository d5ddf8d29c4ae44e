import { DAY_MS, EXCHANGE_EPOCH_MS, isInterval, type Market } from '@shared/market';
import type { CandleBook } from './candle-book';
import { answerPage } from './klines';
import { Query } from './query';
import { ExchangeError, type Reply } from './replies';

export type FuturesMarket = Exclude<Market, 'spot'>;

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 1_500;
const COIN_WINDOW_MS = 200 * DAY_MS;
/** Bounds below are seconds, in which nobody asks on purpose. */
const MS_FROM = 1e11;

/** Weight of a klines request: it grows with `limit`. */
export function futuresKlinesWeight(limit: number): number {
  if (limit < 100) return 1;
  if (limit < 500) return 2;
  return limit <= 1_000 ? 5 : 10;
}

/** The `limit` that a query is charged for, whether it is a sound one or not. */
export function chargedLimit(search: string): number {
  const limit = /(?:^|&)limit=([0-9]{1,9})(?:&|$)/.exec(search)?.[1];
  return limit === undefined ? DEFAULT_LIMIT : Number(limit);
}

/** `GET /fapi/v1/klines` and `/dapi/v1/klines`. */
export function answerFuturesKlines(book: CandleBook, market: FuturesMarket, search: string, now: number): Reply {
  const query = new Query(search);
  const name = query.symbol();
  const interval = query.mandatory('interval');
  const start = query.number('startTime');
  const end = query.number('endTime');
  const limit = query.number('limit') ?? DEFAULT_LIMIT;
  query.finish();
  if (limit === 0 || limit > MAX_LIMIT) throw new ExchangeError(-1130, "Data sent for parameter 'limit' is not valid.");
  if (!isInterval(interval) || interval === '1s') throw new ExchangeError(-1120, 'Invalid interval.');
  const symbol = book.listed[market].get(name);
  if (!symbol) throw new ExchangeError(-1121, 'Invalid symbol.');
  if (start !== undefined && end !== undefined && start > end)
    throw new ExchangeError(-1023, 'Start time is greater than end time.');
  const { from, to, newest } = market === 'um' ? usdBounds(start, end, now) : coinBounds(start, end, now);
  return answerPage(book, { symbol, interval, from, to, limit, newest, timeZoneMs: 0, now, micro: false });
}

interface Bounds {
  from: number;
  to: number;
  newest: boolean;
}

function usdBounds(start: number | undefined, end: number | undefined, now: number): Bounds {
  const ignored = start !== undefined && end !== undefined && end < MS_FROM;
  return {
    from: ignored || start === undefined ? EXCHANGE_EPOCH_MS : start,
    to: ignored || end === undefined ? now : end,
    newest: ignored || start === undefined,
  };
}

/** COIN-M counts back from the end, which lies 200 days behind the start when it is not told. */
function coinBounds(start: number | undefined, end: number | undefined, now: number): Bounds {
  if (start !== undefined && end !== undefined && end - start > COIN_WINDOW_MS)
    throw new ExchangeError(-4088, 'Maximum time interval is 200 days.');
  const to = end ?? (start === undefined ? now : start + COIN_WINDOW_MS);
  return { from: start ?? to - COIN_WINDOW_MS, to, newest: true };
}
