import type { PlannedPage, SourceChoice } from '@shared/contract';
import {
  type CandleSeries,
  countBars,
  type Grid,
  intersectRanges,
  type Market,
  normalizeRanges,
  type Range,
  subtractRanges,
} from '@shared/market';
import { type ArchivePeriod, archiveFileName } from '../binance';
import {
  archiveTiersOf,
  daysOf,
  isDailyPublished,
  isMonthlyPublished,
  monthOf,
  monthRange,
  type Period,
} from './publication';
import { ARCHIVE_FILE_COST, REST_WEIGHT_COST, restCost, restPageBars } from './rest-cost';
import { planRestPages } from './rest-pages';
import { tradePageCost } from './trade-planner';

/** Cost model of candles (facts: archive sizes, REST page of 1000 candles weighing 2). A request that is not full costs less, but never less than this share. */
const LEAST_SHARE = 0.3;
const REST_BYTES_PER_BAR = 150;
const ARCHIVE_BYTES_PER_BAR = 49;
const ARCHIVE_COST_PER_BAR = 0.01;
/** A file and its CHECKSUM. */
const ARCHIVE_REQUESTS = 2;

interface PageCost {
  requests: number;
  weight: number;
  bytes: number;
}

/**
 * Pages that fetch exactly `wanted` (ranges of whole bars) from the cheapest tiers. A file of which only bars are wanted that are
 * `onlyAtRest` is left out, unless only archives may be asked. Pure: the same input, the same plan.
 */
export function planPages(
  series: CandleSeries,
  grid: Grid,
  wanted: readonly Range[],
  options: { source: SourceChoice; now: number; without?: ReadonlySet<string>; onlyAtRest?: readonly Range[] },
): PlannedPage[] {
  const { source, now, onlyAtRest = [] } = options;
  const isAllowed = (period: ArchivePeriod, bars: readonly Range[]): boolean =>
    source !== 'rest' &&
    !options.without?.has(archiveFileName(series.symbol, series.interval, period)) &&
    (source === 'archive' || subtractRanges(bars, onlyAtRest).length > 0);
  const tiers = archiveTiersOf(series.interval);
  const pages: PlannedPage[] = [];
  const inFiles: Range[] = [];
  let forRest: Range[] = [];

  for (const month of monthsOf(wanted)) {
    const inMonth = intersectRanges(wanted, [month.range]);
    const byDay = tiers.daily
      ? planDays(series, grid, inMonth, { now, isAllowed, force: source === 'archive' })
      : { pages: [], forRest: inMonth };
    const monthly = tiers.monthly && isMonthlyPublished(month.range, now) && isAllowed(month.period, inMonth);
    const monthCost = ARCHIVE_FILE_COST + countBars(grid, month.range) * ARCHIVE_COST_PER_BAR;
    const splitCost =
      byDay.pages.reduce((sum, page) => sum + fileCost(page.bars), 0) + timeAtRest(series.market, grid, byDay.forRest);
    if (monthly && (monthCost <= splitCost || (source === 'archive' && byDay.forRest.length > 0))) {
      pages.push(archivePage(series, grid, month.period, inMonth));
      inFiles.push(...inMonth);
    } else {
      pages.push(...byDay.pages);
      inFiles.push(...byDay.pages.map((page) => page.range));
      forRest = [...forRest, ...byDay.forRest];
    }
  }
  // Ranges cut at month borders grow together again, so that a page may run across them.
  if (source !== 'archive') pages.push(...planRestPages(series.market, grid, normalizeRanges(forRest), inFiles));
  return pages.sort((a, b) => a.range.from - b.range.from);
}

function planDays(
  series: CandleSeries,
  grid: Grid,
  wanted: readonly Range[],
  options: { now: number; isAllowed: (period: ArchivePeriod, bars: readonly Range[]) => boolean; force: boolean },
): { pages: PlannedPage[]; forRest: Range[] } {
  const pages: PlannedPage[] = [];
  const forRest: Range[] = [];
  for (const day of daysOf(wanted)) {
    const inDay = intersectRanges(wanted, [day.range]);
    const usable = isDailyPublished(day.range, options.now) && options.isAllowed(day.period, inDay);
    if (usable && (options.force || fileCost(countBars(grid, day.range)) <= timeAtRest(series.market, grid, inDay))) {
      pages.push(archivePage(series, grid, day.period, inDay));
    } else {
      forRest.push(...inDay);
    }
  }
  return { pages, forRest: normalizeRanges(forRest) };
}

function fileCost(bars: number): number {
  return ARCHIVE_FILE_COST + bars * ARCHIVE_COST_PER_BAR;
}

function timeAtRest(market: Market, grid: Grid, ranges: readonly Range[]): number {
  const perBar = (REST_WEIGHT_COST * 2) / restPageBars(market);
  return planRestPages(market, grid, ranges).reduce(
    (sum, page) => sum + Math.max(LEAST_SHARE * 2 * REST_WEIGHT_COST, (page.bars + (page.refetched ?? 0)) * perBar),
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

/** What one page costs to fetch, for the totals and the estimate. */
export function pageCost(market: Market, page: PlannedPage): PageCost {
  if (page.estimatedTrades !== undefined) return tradePageCost(market, page);
  if (page.tier !== 'rest') return { requests: ARCHIVE_REQUESTS, weight: 0, bytes: page.bars * ARCHIVE_BYTES_PER_BAR };
  const bars = page.bars + (page.refetched ?? 0);
  const cost = restCost(market, bars, page.range.to - page.range.from);
  return { ...cost, bytes: bars * REST_BYTES_PER_BAR };
}
