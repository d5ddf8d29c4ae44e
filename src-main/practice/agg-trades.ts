import { HOUR_MS, type Market } from '@shared/market';
import { MICRO_BOUNDS_FROM, readTimeUnit } from './klines';
import { Query } from './query';
import { ExchangeError, jsonBytes, type Reply } from './replies';
import type { PracticeSymbol } from './symbols';
import type { TradeRun, TradeTape } from './trade-tape';
import { TRADE_BYTES, writeTrades } from './trade-writer';

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 1_000;

interface TradesQuestion {
  symbol: PracticeSymbol;
  fromId: number | undefined;
  /** Bounds of times in epoch microseconds, half-open. */
  start: number | undefined;
  end: number | undefined;
  limit: number;
  micro: boolean;
}

/** `GET /api/v3/aggTrades`, `/fapi/v1/aggTrades`, `/dapi/v1/aggTrades`. `depthMs` is how far back futures go. */
export async function answerAggTrades(
  tape: TradeTape,
  market: Market,
  listed: ReadonlyMap<string, PracticeSymbol>,
  search: string,
  timeUnit: string | undefined,
  now: number,
  depthMs: number,
): Promise<Reply> {
  const { symbol, fromId, start, end, limit, micro } = readQuestion(market, listed, search, timeUnit);
  await tape.reach(symbol, now);
  const newest = tape.idAt(symbol, (now + 1) * 1_000);
  const oldest = market === 'spot' || depthMs > now ? 0 : tape.idAt(symbol, (now - depthMs) * 1_000);
  const idAt = (time: number) => Math.min(newest, tape.idAt(symbol, Math.min(time, (now + 1) * 1_000)));
  let from: number;
  let to = end === undefined ? newest : idAt(end);
  if (fromId !== undefined || start !== undefined) {
    from = Math.max(oldest, fromId ?? idAt(start!));
    to = Math.min(to, from + limit);
  } else from = Math.max(oldest, to - limit);
  return jsonBytes(encode([...tape.runs(symbol, from, to)], symbol, micro));
}

function readQuestion(
  market: Market,
  listed: ReadonlyMap<string, PracticeSymbol>,
  search: string,
  timeUnit: string | undefined,
): TradesQuestion {
  const query = new Query(search);
  const micro = market === 'spot' && readTimeUnit(timeUnit);
  const name = query.symbol();
  const fromId = query.number('fromId');
  const start = query.number('startTime');
  const end = query.number('endTime');
  const limit = query.number('limit') ?? DEFAULT_LIMIT;
  query.finish();
  if (limit === 0 || (limit > MAX_LIMIT && market !== 'spot'))
    throw new ExchangeError(-1130, "Data sent for parameter 'limit' is not valid.");
  const symbol = listed.get(name);
  if (!symbol) throw new ExchangeError(-1121, 'Invalid symbol.');
  if (fromId !== undefined && (start !== undefined || end !== undefined))
    throw new ExchangeError(-1128, 'Combination of optional parameters invalid.');
  if (market !== 'spot' && start !== undefined && end !== undefined) {
    if (start > end) throw new ExchangeError(-1023, 'Start time is greater than end time.');
    if (end - start >= HOUR_MS) throw new ExchangeError(-1127, 'More than 1 hours between startTime and endTime.');
  }
  return {
    symbol,
    fromId,
    start: start === undefined || start >= MICRO_BOUNDS_FROM ? start : start * 1_000,
    end: end === undefined ? undefined : end >= MICRO_BOUNDS_FROM ? end + 1 : (end + 1) * 1_000,
    limit: Math.min(limit, MAX_LIMIT),
    micro,
  };
}

function encode(runs: readonly TradeRun[], symbol: PracticeSymbol, micro: boolean): Buffer {
  const rows = runs.reduce((sum, { from, to }) => sum + to - from, 0);
  if (rows === 0) return Buffer.from('[]');
  const body = Buffer.allocUnsafe(rows * TRADE_BYTES + 2);
  body[0] = 91;
  let at = 1;
  for (const run of runs) at = writeTrades(body, at, run, symbol, { json: true, micro });
  body[at - 1] = 93;
  return body.subarray(0, at);
}
