import {
  closeOf,
  DAY_MS,
  EXCHANGE_EPOCH_MS,
  floorToGrid,
  type Grid,
  type Interval,
  intervalMs,
  isInterval,
  MINUTE_MS,
} from '@shared/market';
import { type CandleBlock, firstRowAt } from './candle-block';
import { CandleBook } from './candle-book';
import { Query } from './query';
import { ExchangeError, jsonBytes, type Reply } from './replies';
import { ROW_BYTES, writeRows } from './row-writer';
import type { PracticeSymbol } from './symbols';

const DEFAULT_LIMIT = 500;
const MAX_LIMIT = 1_000;
/** Bounds from here on count microseconds. */
export const MICRO_BOUNDS_FROM = 1e14;
const FUTURE_ALLOWANCE_MS = 10_000;

/** Rows `[from, to)` of a block. */
interface Segment {
  block: CandleBlock;
  from: number;
  to: number;
}

/** What a page of candles is to hold. */
export interface CandlePage {
  symbol: PracticeSymbol;
  interval: Interval;
  /** Inclusive bounds of opens. */
  from: number;
  to: number;
  limit: number;
  /** Count back from `to` instead of forward from `from`. */
  newest: boolean;
  timeZoneMs: number;
  now: number;
  /** Times in microseconds. */
  micro: boolean;
}

/** The rows of a page as an answer. */
export function answerPage(book: CandleBook, page: CandlePage): Reply {
  return jsonBytes(encode(collect(book, page), page.symbol, page.micro));
}

/** `GET /api/v3/klines`. `timeUnit` is the X-MBX-TIME-UNIT header. */
export function answerKlines(book: CandleBook, search: string, timeUnit: string | undefined, now: number): Reply {
  const query = new Query(search);
  const micro = readTimeUnit(timeUnit);
  const name = query.symbol();
  const interval = query.mandatory('interval');
  const start = query.number('startTime');
  const end = query.number('endTime');
  const zone = query.text('timeZone');
  const limit = query.number('limit') ?? DEFAULT_LIMIT;
  query.finish();
  if (limit === 0) throw new ExchangeError(-1130, "Data sent for parameter 'limit' is not valid.");
  if (!isInterval(interval)) throw new ExchangeError(-1120, 'Invalid interval.');
  const symbol = book.listed.spot.get(name);
  if (!symbol) throw new ExchangeError(-1121, 'Invalid symbol.');
  const latest = now + FUTURE_ALLOWANCE_MS;
  const clamp = (time: number) => Math.min(latest, Math.max(EXCHANGE_EPOCH_MS, time));
  return answerPage(book, {
    symbol,
    interval,
    from:
      start === undefined ? EXCHANGE_EPOCH_MS : clamp(start >= MICRO_BOUNDS_FROM ? Math.ceil(start / 1_000) : start),
    to: end === undefined ? latest : clamp(end >= MICRO_BOUNDS_FROM ? Math.floor(end / 1_000) : end),
    limit: Math.min(limit, MAX_LIMIT),
    newest: start === undefined,
    timeZoneMs: zone === undefined ? 0 : readTimeZone(zone),
    now,
    micro,
  });
}

/** Whether the X-MBX-TIME-UNIT header asks for microseconds. */
export function readTimeUnit(value: string | undefined): boolean {
  const unit = value?.toUpperCase();
  if (unit === undefined || unit === 'MILLISECOND') return false;
  if (unit === 'MICROSECOND') return true;
  throw new ExchangeError(-1194, 'Invalid value for time unit; expected either MICROSECOND or MILLISECOND.');
}

function readTimeZone(text: string): number {
  const match = /^([+-]?)(\d{1,2})(?::(\d{2}))?$/.exec(text);
  const minutes = match ? Number(match[2]) * 60 + Number(match[3] ?? 0) : Number.NaN;
  const offset = match?.[1] === '-' ? -minutes : minutes;
  if (!(offset >= -12 * 60 && offset <= 14 * 60) || Number(match?.[3] ?? 0) > 59)
    throw new ExchangeError(-1130, "Data sent for parameter 'timeZone' is not valid.");
  return offset * MINUTE_MS;
}

function collect(book: CandleBook, page: CandlePage): Segment[] {
  const { symbol, interval } = page;
  const step = intervalMs(interval);
  const shifted = page.timeZoneMs % step !== 0 && step > 15 * MINUTE_MS;
  const first = symbol.lives[0]!.from;
  const last = Math.min(page.to, page.now, symbol.lives.at(-1)!.to - 1);
  const grid = book.grid(symbol, interval);
  if (step < DAY_MS && !shifted) {
    const from = Math.max(page.from, floorToGrid(grid, first));
    return page.newest ? blocksBack(book, page, from, last) : blocksForward(book, page, from, last);
  }
  return candleByCandle(book, page, shiftGrid(grid, shifted ? page.timeZoneMs : 0), last, shifted);
}

function blocksForward(book: CandleBook, page: CandlePage, from: number, last: number): Segment[] {
  const size = CandleBook.blockMs(page.interval);
  const segments: Segment[] = [];
  let left = page.limit;
  for (let start = Math.floor(from / size) * size; start <= last && left > 0; start += size) {
    const block = blockAt(book, page, start);
    const begin = firstRowAt(block, from);
    const end = Math.min(firstRowAt(block, last + 1), begin + left);
    if (end <= begin) continue;
    segments.push({ block, from: begin, to: end });
    left -= end - begin;
  }
  return segments;
}

function blocksBack(book: CandleBook, page: CandlePage, from: number, last: number): Segment[] {
  const size = CandleBook.blockMs(page.interval);
  const segments: Segment[] = [];
  let left = page.limit;
  for (let start = Math.floor(last / size) * size; start + size > from && left > 0; start -= size) {
    const block = blockAt(book, page, start);
    const end = firstRowAt(block, last + 1);
    const begin = Math.max(firstRowAt(block, from), end - left);
    if (end <= begin) continue;
    segments.unshift({ block, from: begin, to: end });
    left -= end - begin;
  }
  return segments;
}

function blockAt(book: CandleBook, page: CandlePage, start: number): CandleBlock {
  return book.until(page.symbol, page.interval, book.block(page.symbol, page.interval, start, 'rest'), page.now);
}

/** The same grid with its boundaries moved to another time zone. */
function shiftGrid(grid: Grid, zoneMs: number): Grid {
  if (zoneMs === 0) return grid;
  return {
    interval: grid.interval,
    indexOf: (time) => grid.indexOf(time + zoneMs),
    openAt: (index) => grid.openAt(index) - zoneMs,
  };
}

function candleByCandle(book: CandleBook, page: CandlePage, grid: Grid, last: number, shifted: boolean): Segment[] {
  const { symbol, now } = page;
  const listed = grid.indexOf(symbol.lives[0]!.from);
  let lowest = Math.max(listed, grid.indexOf(page.from));
  if (grid.openAt(lowest) < page.from) lowest++;
  const highest = grid.indexOf(last);
  const segments: Segment[] = [];
  const step = page.newest ? -1 : 1;
  for (let i = page.newest ? highest : lowest; i >= lowest && i <= highest; i += step) {
    if (segments.length >= page.limit) break;
    const open = grid.openAt(i);
    const block = shifted
      ? book.candleOver(symbol, { from: open, to: closeOf(grid, open) }, now, 'rest')
      : book.candle(symbol, grid, open, now, 'rest');
    if (block) segments.push({ block, from: 0, to: 1 });
  }
  return page.newest ? segments.reverse() : segments;
}

function encode(segments: readonly Segment[], symbol: PracticeSymbol, micro: boolean): Buffer {
  const rows = segments.reduce((sum, { from, to }) => sum + to - from, 0);
  if (rows === 0) return Buffer.from('[]');
  const body = Buffer.allocUnsafe(rows * ROW_BYTES + 2);
  body[0] = 91;
  let at = 1;
  for (const { block, from, to } of segments) at = writeRows(body, at, block, from, to, symbol, { json: true, micro });
  body[at - 1] = 93;
  return body.subarray(0, at);
}
