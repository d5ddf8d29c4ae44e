import type { PlannedPage, PlanTotals, SeriesPlan, SourceChoice, SourceTier } from '@shared/contract';
import { type CandleSeries, countBars, DAY_MS, type Grid, intersectRanges, type Range } from '@shared/market';
import { type ArchivePeriod, archiveFileName } from '../binance';
import { archiveTiersOf, dayOf, isDailyPublished, isMonthlyPublished, monthOf, monthRange } from './publication';

/**
 * Cost model, in milliseconds of a calm connection (facts: archive sizes, REST page of 1000 candles weighing 2). A REST page
 * counts half again as much as it takes, because it spends the shared weight budget and carries no checksum.
 */
const REST_PAGE_BARS = 1000;
/** Whole REST pages that one lane fetches in a row. */
const REST_PIECE_BARS = 20 * REST_PAGE_BARS;
const REST_PAGE_COST = 210;
const REST_PAGE_BYTES = 150_000;
const REST_PAGE_WEIGHT = 2;
const ARCHIVE_FILE_COST = 110;
const ARCHIVE_BYTES_PER_BAR = 49;
const ARCHIVE_COST_PER_BAR = 0.01;
/** A file and its CHECKSUM. */
const ARCHIVE_REQUESTS = 2;

/** What one page costs to fetch, for the totals and the estimate. */
interface PageCost {
  requests: number;
  weight: number;
  bytes: number;
}

/** Pages that fetch exactly `wanted` (ranges of whole bars) from the cheapest tiers. Pure: the same input, the same plan. */
export function planPages(
  series: CandleSeries,
  grid: Grid,
  wanted: readonly Range[],
  options: { source: SourceChoice; now: number; without?: ReadonlySet<string> },
): PlannedPage[] {
  const { source, now } = options;
  const isAllowed = (period: ArchivePeriod): boolean =>
    source !== 'rest' && !options.without?.has(archiveFileName(series.symbol, series.interval, period));
  const tiers = archiveTiersOf(series.interval);
  const pages: PlannedPage[] = [];
  let forRest: Range[] = [];

  for (const month of monthsOf(wanted)) {
    const inMonth = intersectRanges(wanted, [month.range]);
    const byDay = tiers.daily
      ? planDays(series, grid, inMonth, { now, isAllowed, force: source === 'archive' })
      : { pages: [], forRest: inMonth };
    const monthly = tiers.monthly && isMonthlyPublished(month.range, now) && isAllowed(month.period);
    const monthCost = ARCHIVE_FILE_COST + countBars(grid, month.range) * ARCHIVE_COST_PER_BAR;
    const splitCost = byDay.pages.reduce((sum, page) => sum + fileCost(page.bars), 0) + restCost(grid, byDay.forRest);
    if (monthly && (monthCost <= splitCost || (source === 'archive' && byDay.forRest.length > 0))) {
      pages.push(archivePage(series, grid, month.period, inMonth));
    } else {
      pages.push(...byDay.pages);
      forRest = [...forRest, ...byDay.forRest];
    }
  }
  // Ranges cut at month borders grow together again, so that a page may run across them.
  if (source !== 'archive') pages.push(...restPages(grid, mergeTouching(forRest)));
  return pages.sort((a, b) => a.range.from - b.range.from);
}

function planDays(
  series: CandleSeries,
  grid: Grid,
  wanted: readonly Range[],
  options: { now: number; isAllowed: (period: ArchivePeriod) => boolean; force: boolean },
): { pages: PlannedPage[]; forRest: Range[] } {
  const pages: PlannedPage[] = [];
  const forRest: Range[] = [];
  for (const day of daysOf(wanted)) {
    const inDay = intersectRanges(wanted, [day.range]);
    const usable = isDailyPublished(day.range, options.now) && options.isAllowed(day.period);
    if (usable && (options.force || fileCost(countBars(grid, day.range)) <= restCost(grid, inDay))) {
      pages.push(archivePage(series, grid, day.period, inDay));
    } else {
      forRest.push(...inDay);
    }
  }
  return { pages, forRest: mergeTouching(forRest) };
}

function fileCost(bars: number): number {
  return ARCHIVE_FILE_COST + bars * ARCHIVE_COST_PER_BAR;
}

function restCost(grid: Grid, ranges: readonly Range[]): number {
  return ranges.reduce(
    (sum, range) => sum + Math.max(0.3, countBars(grid, range) / REST_PAGE_BARS) * REST_PAGE_COST,
    0,
  );
}

function archivePage(series: CandleSeries, grid: Grid, period: ArchivePeriod, wanted: readonly Range[]): PlannedPage {
  return {
    tier: period.tier,
    range: { from: wanted[0]!.from, to: wanted[wanted.length - 1]!.to },
    bars: wanted.reduce((sum, range) => sum + countBars(grid, range), 0),
    file: archiveFileName(series.symbol, series.interval, period),
  };
}

function restPages(grid: Grid, ranges: readonly Range[]): PlannedPage[] {
  return ranges
    .flatMap((range) => piecesOf(grid, range))
    .map((range) => ({ tier: 'rest', range, bars: countBars(grid, range), file: null }));
}

/** A long range in pieces, so that lanes share it and an interruption loses little. */
function piecesOf(grid: Grid, range: Range): Range[] {
  const pieces: Range[] = [];
  for (let from = range.from; from < range.to; ) {
    const to = Math.min(range.to, grid.openAt(grid.indexOf(from) + REST_PIECE_BARS));
    pieces.push({ from, to });
    from = to;
  }
  return pieces;
}

function mergeTouching(ranges: readonly Range[]): Range[] {
  const merged: { from: number; to: number }[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = merged[merged.length - 1];
    if (last && last.to === range.from) last.to = range.to;
    else merged.push({ ...range });
  }
  return merged;
}

interface Period<P extends ArchivePeriod> {
  period: P;
  range: Range;
}

function monthsOf(ranges: readonly Range[]): Period<ArchivePeriod & { tier: 'archiveMonthly' }>[] {
  const months = new Map<number, Period<ArchivePeriod & { tier: 'archiveMonthly' }>>();
  for (const range of ranges) {
    for (let t = range.from; t < range.to; ) {
      const period = monthOf(t);
      const month = monthRange(period.year, period.month);
      months.set(month.from, { period, range: month });
      t = month.to;
    }
  }
  return [...months.values()].sort((a, b) => a.range.from - b.range.from);
}

function daysOf(ranges: readonly Range[]): Period<ArchivePeriod & { tier: 'archiveDaily' }>[] {
  const days = new Map<number, Period<ArchivePeriod & { tier: 'archiveDaily' }>>();
  for (const range of ranges) {
    for (let day = Math.floor(range.from / DAY_MS) * DAY_MS; day < range.to; day += DAY_MS) {
      days.set(day, { period: dayOf(day), range: { from: day, to: day + DAY_MS } });
    }
  }
  return [...days.values()].sort((a, b) => a.range.from - b.range.from);
}

export function pageCost(page: PlannedPage): PageCost {
  if (page.tier !== 'rest') return { requests: ARCHIVE_REQUESTS, weight: 0, bytes: page.bars * ARCHIVE_BYTES_PER_BAR };
  const requests = Math.max(1, Math.ceil(page.bars / REST_PAGE_BARS));
  const bytes = Math.round((page.bars / REST_PAGE_BARS) * REST_PAGE_BYTES);
  return { requests, weight: requests * REST_PAGE_WEIGHT, bytes };
}

/** Measured pace of earlier jobs, or the first guess: candles per second through the whole chain and time per request. */
export interface PaceEstimate {
  barsPerSecond: number;
  msPerRequest: number;
}

export const FIRST_PACE: PaceEstimate = { barsPerSecond: 250_000, msPerRequest: 60 };

export function planTotals(plans: readonly SeriesPlan[], pace: PaceEstimate = FIRST_PACE): PlanTotals {
  const totals: PlanTotals = {
    bars: 0,
    gaps: 0,
    archiveMonthly: 0,
    archiveDaily: 0,
    rest: 0,
    requests: 0,
    weight: 0,
    bytes: 0,
    estimateMs: 0,
  };
  for (const plan of plans) {
    totals.gaps += plan.gaps.length;
    for (const page of plan.pages) {
      const cost = pageCost(page);
      totals.bars += page.bars;
      totals[page.tier satisfies SourceTier] += page.tier === 'rest' ? cost.requests : 1;
      totals.requests += cost.requests;
      totals.weight += cost.weight;
      totals.bytes += cost.bytes;
    }
  }
  totals.estimateMs = Math.round((totals.bars / pace.barsPerSecond) * 1000 + totals.requests * pace.msPerRequest);
  return totals;
}
