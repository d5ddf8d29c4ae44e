import { closeOf, DAY_MS, gridOf, type Interval, intervalMs, type Range } from '@shared/market';
import { klinesLimitFor, requireInterval } from './endpoints';
import type { CallOptions } from './exchange-requests';
import { askOpens, contradiction } from './klines';
import type { RestContext } from './rest-context';

/** Open of the very first candle of a symbol, by the cheapest requests; null while it has none. */
export async function findFirstCandle(
  context: RestContext,
  symbol: string,
  interval: Interval,
  options: CallOptions,
): Promise<number | null> {
  requireInterval(context.market, interval);
  if (context.rules.klinesOrder === 'newest') return firstByNarrowing(context, symbol, interval, options);
  const [open] = await askOpens(context, { symbol, interval, bounds: '&startTime=0', limit: 1 }, options);
  return open ?? null;
}

/** Open of the newest candle, the running one included; for a symbol that is gone, its last. Null while it has none. */
export async function findLastCandle(
  context: RestContext,
  symbol: string,
  interval: Interval,
  options: CallOptions,
): Promise<number | null> {
  requireInterval(context.market, interval);
  const { rules, clock } = context;
  const [newest] = await askOpens(context, { symbol, interval, bounds: '', limit: 1 }, options);
  if (newest !== undefined) return newest;
  if (rules.klinesOrder === 'oldest' || rules.klinesWindowMs === null) return null;
  // Where windows are bounded, "newest" may mean the last window only, and a contract that ended long ago has none in it.
  await context.ensureClock(options.signal);
  for (let end = Math.ceil(clock.now()); end > rules.epoch; end -= rules.klinesWindowMs) {
    const bounds = boundsOf({ from: end - rules.klinesWindowMs, to: end });
    const [last] = await askOpens(context, { symbol, interval, bounds, limit: 1 }, options);
    if (last !== undefined) return last;
  }
  return null;
}

/**
 * Where only the newest rows of a window are answered: first the month, by monthly candles, then the day in it, the hour and
 * so on, each by an answer that cannot be full. Four requests of the smallest weight at most for a symbol with history.
 */
async function firstByNarrowing(
  context: RestContext,
  symbol: string,
  interval: Interval,
  options: CallOptions,
): Promise<number | null> {
  const month = await firstMonth(context, symbol, options);
  if (month === null || interval === '1M') return month;
  let window: Range = { from: month, to: closeOf(gridOf('1M'), month) };
  let open = month;
  for (const step of stepsTo(interval)) {
    // A bar that is longer than a day may open in the month before.
    const lead = intervalMs(step) > DAY_MS ? intervalMs(step) - 1 : 0;
    const asked = { from: window.from - lead, to: window.to };
    const limit = klinesLimitFor(context.rules, 1);
    const [first] = await askOpens(context, { symbol, interval: step, bounds: boundsOf(asked), limit }, options);
    if (first === undefined) {
      throw contradiction(
        symbol,
        `a longer candle opens at ${new Date(open).toISOString()}, and no ${step} candle in it`,
      );
    }
    open = first;
    window = { from: first, to: first + intervalMs(step) };
  }
  return open;
}

/** Intervals to ask for one after the other, so that each answer has less than 99 rows. */
function stepsTo(interval: Interval): Interval[] {
  const step = intervalMs(interval);
  if (step * 98 >= 31 * DAY_MS) return [interval];
  return step * 98 >= DAY_MS ? ['1d', interval] : ['1d', '1h', interval];
}

async function firstMonth(context: RestContext, symbol: string, options: CallOptions): Promise<number | null> {
  const { rules, clock } = context;
  const windowMs = rules.klinesWindowMs ?? Number.POSITIVE_INFINITY;
  const limit = klinesLimitFor(rules, 1);
  const ask = (bounds: string) => askOpens(context, { symbol, interval: '1M', bounds, limit }, options);
  const newest = await ask('');
  const [first] = newest;
  // Whether an answer without bounds is cut to the last window is not documented; when it reaches further, it is not.
  if (first !== undefined && newest.length < limit && newest[newest.length - 1]! - first > windowMs) return first;
  await context.ensureClock(options.signal);
  for (let from = rules.epoch; from < clock.now(); from += windowMs) {
    const [open] = await ask(boundsOf({ from, to: from + windowMs }));
    if (open !== undefined) return open;
  }
  return null;
}

function boundsOf({ from, to }: Range): string {
  return `&startTime=${from}&endTime=${to - 1}`;
}
