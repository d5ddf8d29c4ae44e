import { AppError } from '@shared/contract';
import {
  type CandleColumns,
  createCandleColumns,
  DAY_MS,
  floorToGrid,
  gridOf,
  type Interval,
  intervalMs,
  type Range,
  sliceCandles,
  threeDayPhaseOf,
} from '@shared/market';
import { klinesLimitFor, requireInterval } from './endpoints';
import type { CallOptions } from './exchange-requests';
import { parseKlineRows } from './kline-rows';
import type { RestContext } from './rest-context';
import type { SourceFinding } from './source-finding';

export interface KlinesPage {
  /** Closed candles only, judged by the exchange's clock; ascending; their opens lie in the asked range. */
  candles: CandleColumns;
  /**
   * The part of the asked range that this answer settles: bars in it that are not among the candles do not exist at the
   * exchange. It starts where the asked range does, and the next page has to start where it ends: 1 ms behind the last open
   * of a full page, or at the end of the window that was asked for. It never reaches into bars that were not closed.
   */
  settled: Range;
  /** Exchange time at which the request left. */
  askedAt: number;
  /** Path and query, for evidence. */
  request: string;
  findings: SourceFinding[];
}

export interface KlinesRequest {
  symbol: string;
  interval: Interval;
  /** Half-open range of opens, epoch ms. */
  from: number;
  to: number;
  /** Rows a page; by default what gives most rows for their weight. */
  limit?: number;
}

interface PageAndNext {
  page: KlinesPage;
  /** Where the next request has to start; null when nothing is left that could be asked for. */
  next: number | null;
}

const WEEK_MS = 7 * DAY_MS;
/** Shorter windows than this are worth looking ahead by weeks when they are empty. */
const LONG_WINDOW_MS = 100 * DAY_MS;

/** Candles of one market, page by page. */
export class Klines {
  constructor(private readonly context: RestContext) {}

  async page(request: KlinesRequest, options: CallOptions = {}): Promise<KlinesPage> {
    return (await this.#page(request, options)).page;
  }

  async *pages(
    request: { symbol: string; interval: Interval; range: Range; limit?: number },
    options: CallOptions = {},
  ): AsyncGenerator<KlinesPage, void, void> {
    const { range, ...rest } = request;
    const { rules, clock } = this.context;
    await this.context.ensureClock(options.signal);
    /** Until here the weeks are known to hold candles. */
    let lookedUntil = Number.NEGATIVE_INFINITY;
    for (let cursor = range.from; cursor < range.to; ) {
      // A bar that opens later than this is not closed whatever its grid: asking for it would fetch nothing.
      if (cursor + shortestBarMs(request.interval) > clock.now()) return;
      const { page, next } = await this.#page({ ...rest, from: cursor, to: range.to }, options);
      if (page.settled.to <= cursor) return;
      yield page;
      if (next === null) return;
      cursor = next;
      let empty = rules.klinesOrder === 'newest' && page.candles.rows === 0;
      if (page.settled.to - page.settled.from >= LONG_WINDOW_MS) empty = false;
      while (empty && cursor >= lookedUntil && cursor < range.to) {
        const weeks = await this.#emptyWeeks({ ...rest, from: cursor, to: range.to }, options);
        if (weeks.found !== null) lookedUntil = weeks.found + WEEK_MS;
        if (weeks.page.settled.to <= cursor) break;
        yield weeks.page;
        cursor = weeks.page.settled.to;
      }
    }
  }

  async #page(request: KlinesRequest, options: CallOptions): Promise<PageAndNext> {
    const { rules, clock } = this.context;
    const { interval } = request;
    requireInterval(this.context.market, interval);
    const from = Math.max(0, Math.ceil(request.from));
    const to = Math.max(from, Math.ceil(request.to));
    await this.context.ensureClock(options.signal);
    if (to <= rules.epoch || from === to) return { page: this.#emptyPage({ from, to }), next: null };

    const start = Math.max(from, rules.epoch);
    const step = shortestBarMs(interval);
    // One more than can come, so that a page with all of them does not look like a full one.
    const bars = Math.ceil((Math.min(to, Math.max(start, clock.now())) - start) / step) + 1;
    const asked = request.limit === undefined ? klinesLimitFor(rules, bars) : Math.max(1, Math.floor(request.limit));
    if (rules.klinesOrder === 'oldest') {
      const limit = Math.min(asked, rules.klinesLimit);
      return this.#forwardPage(request, { from, start, to }, limit, options);
    }
    const limit = Math.min(request.limit === undefined ? asked : asked + 1, rules.klinesLimit);
    const window = Math.min((limit - 1) * step, rules.klinesWindowMs ?? Number.POSITIVE_INFINITY);
    return this.#windowPage(request, { from, start, to }, Math.min(to, start + window), limit, options);
  }

  /** Of too many rows the oldest are answered: a full page goes on behind its last row. */
  async #forwardPage(
    { symbol, interval }: KlinesRequest,
    { from, start, to }: { from: number; start: number; to: number },
    limit: number,
    options: CallOptions,
  ): Promise<PageAndNext> {
    const answer = await this.#ask(symbol, interval, { from: start, to }, limit, options);
    const { candles } = answer;
    const full = candles.rows >= limit;
    const page = this.#closedPage(answer, interval, { from, to: full ? candles.openTime[candles.rows - 1]! + 1 : to });
    const last = page.candles.openTime[page.candles.rows - 1];
    const goesOn = full && page.settled.to < to && last !== undefined && page.settled.to === last + 1;
    return { page, next: goesOn ? page.settled.to : null };
  }

  /** Of too many rows the newest are answered: a window that came back full may lack rows, and is asked for by halves. */
  async #windowPage(
    { symbol, interval }: KlinesRequest,
    { from, start, to }: { from: number; start: number; to: number },
    firstEnd: number,
    limit: number,
    options: CallOptions,
  ): Promise<PageAndNext> {
    for (let end = firstEnd; ; end = start + Math.ceil((end - start) / 2)) {
      const answer = await this.#ask(symbol, interval, { from: start, to: end }, limit, options);
      if (answer.candles.rows >= limit && end - start > 1) continue;
      const page = this.#closedPage(answer, interval, { from, to: end });
      return { page, next: end < to && page.settled.to === end ? end : null };
    }
  }

  async #ask(symbol: string, interval: Interval, range: Range, limit: number, options: CallOptions) {
    const { rules, requests } = this.context;
    const target = `${rules.path.klines}?symbol=${encodeURIComponent(symbol)}&interval=${interval}&startTime=${range.from}&endTime=${range.to - 1}&limit=${limit}`;
    const reply = await requests.get(target, rules.weight.klines(limit), options);
    return { ...parseKlineRows(reply.json, { interval, range, source: target }), target, sentAt: reply.sentAt };
  }

  /** Leaves the running candle out, and what it would settle. */
  #closedPage(
    answer: { candles: CandleColumns; findings: SourceFinding[]; target: string; sentAt: number },
    interval: Interval,
    settled: Range,
  ): KlinesPage {
    const { clock } = this.context;
    const { candles, findings, target, sentAt } = answer;
    const open = runningOpen(interval, candles, clock.earliestAt(sentAt));
    let closed = candles.rows;
    while (closed > 0 && candles.openTime[closed - 1]! >= open) closed--;
    return {
      candles: sliceCandles(candles, 0, closed),
      settled: { from: settled.from, to: Math.max(settled.from, Math.min(settled.to, open)) },
      askedAt: sentAt + clock.offsetMs,
      request: target,
      findings,
    };
  }

  /**
   * An empty page up to the next week that has a candle, or as far as one answer of weekly candles reaches: where there is
   * no weekly candle there is none of any length. Windows of minutes would need thousands of requests before a listing.
   */
  async #emptyWeeks(
    request: KlinesRequest,
    options: CallOptions,
  ): Promise<{ page: KlinesPage /** Open of the next weekly candle. */; found: number | null }> {
    const { rules } = this.context;
    const { symbol, interval, from, to } = request;
    // The week that `from` lies in opens before it.
    const start = from - WEEK_MS + 1;
    const end = Math.min(to, start + (rules.klinesWindowMs ?? Number.POSITIVE_INFINITY));
    const answer = await this.#ask(symbol, '1w', { from: start, to: end }, klinesLimitFor(rules, 1), options);
    const found = answer.candles.openTime[0] ?? null;
    const none = { ...answer, candles: createCandleColumns(0), findings: [] };
    return { page: this.#closedPage(none, interval, { from, to: Math.max(from, found ?? end) }), found };
  }

  #emptyPage(range: Range): KlinesPage {
    return {
      candles: createCandleColumns(0),
      settled: range,
      askedAt: this.context.clock.now(),
      request: `no request: the market has nothing before ${new Date(this.context.rules.epoch).getUTCFullYear()}`,
      findings: [],
    };
  }
}

/** Opens of one request that names its bounds itself, ascending; for the search of first and last candles. */
export async function askOpens(
  { rules, requests }: RestContext,
  request: { symbol: string; interval: Interval; bounds: string; limit: number },
  options: CallOptions,
): Promise<number[]> {
  const { symbol, interval, bounds, limit } = request;
  const target = `${rules.path.klines}?symbol=${encodeURIComponent(symbol)}&interval=${interval}${bounds}&limit=${limit}`;
  const reply = await requests.get(target, rules.weight.klines(limit), options);
  const range = { from: 0, to: Number.MAX_SAFE_INTEGER };
  const { candles } = parseKlineRows(reply.json, { interval, range, source: target });
  return [...candles.openTime.subarray(0, candles.rows)];
}

/** Months differ; no bar of an interval is shorter than this. */
function shortestBarMs(interval: Interval): number {
  return interval === '1M' ? 28 * DAY_MS : intervalMs(interval);
}

/** The moment before which every bar that opens was closed at `now`. */
function runningOpen(interval: Interval, candles: CandleColumns, now: number): number {
  if (interval !== '3d') return floorToGrid(gridOf(interval), now);
  const first = candles.openTime[0];
  // The phase of 3d bars is known from any row only; without one, the latest open that must be closed has to do.
  if (first === undefined) return Math.floor(now) - intervalMs('3d') + 1;
  return floorToGrid(gridOf('3d', threeDayPhaseOf(first)), now);
}

/** Throws when two answers about one symbol cannot both be true. */
export function contradiction(symbol: string, what: string): AppError {
  return new AppError(
    'exchange.bad_answer',
    `The exchange contradicts itself about the first candle of ${symbol}: ${what}. Try again later.`,
    { symbol },
  );
}
