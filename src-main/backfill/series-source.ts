import type { PlannedPage, SourceChoice, TradeReceipt } from '@shared/contract';
import {
  type CandleSeries,
  type Grid,
  isTradeSeries,
  type Range,
  type StoredSeries,
  type TradeSeries,
} from '@shared/market';
import type { Counters } from '../binance';
import type { WantedBars } from '../coverage';
import type { IlpWriter } from '../questdb';
import type { BackfillDeps } from './backfill-deps';
import { fetchCandlePage } from './candle-pages';
import type { ItemBefore } from './journal-lines';
import type { PageContext, PageOutcome } from './page-context';
import { CandleProof, type PageProof, TradeProof } from './page-proof';
import { planPages } from './planner';
import { confirmEdges } from './trade-edges';
import { fetchTradePage } from './trade-pages';
import { planTradePages } from './trade-planner';

export interface PlanOptions {
  source: SourceChoice;
  now: number;
  /** Files that turned out not to help. */
  without?: ReadonlySet<string>;
  signal?: AbortSignal;
  counters?: Counters;
}

/** Everything that a backfill does differently for candles and for trades. */
export interface SeriesSource {
  ensureTable(): Promise<void>;
  /** The caller closes it. */
  openWriter(): IlpWriter;
  /** Pages that fetch exactly `open`, which is all of what is wanted or a part of it. */
  plan(open: readonly Range[], wanted: WantedBars, options: PlanOptions): Promise<PlannedPage[]>;
  fetchPage(page: PlannedPage, wanted: readonly Range[], context: PageContext): Promise<PageOutcome>;
  proof(grid: Grid): PageProof;
  /** When nothing is left to fetch of the range: looks whether it is whole. True when there is something to fetch after all. */
  confirm(range: Range, context: ConfirmContext): Promise<boolean>;
  /** What a job notes of the range before it begins, beside its bars. */
  before(range: Range): Promise<Pick<ItemBefore, 'rows'>>;
  /** What a receipt tells beside bars. */
  receipt(range: Range, before: ItemBefore): Promise<{ trades?: TradeReceipt }>;
}

export type ConfirmContext = Pick<
  PageContext,
  'counters' | 'jobId' | 'onFinding' | 'onRemark' | 'onTiming' | 'rank' | 'signal'
>;

export function sourceOf(series: StoredSeries, deps: BackfillDeps): SeriesSource {
  return isTradeSeries(series) ? new TradeSource(series, deps) : new CandleSource(series, deps);
}

class CandleSource implements SeriesSource {
  constructor(
    private readonly series: CandleSeries,
    private readonly deps: BackfillDeps,
  ) {}

  ensureTable(): Promise<void> {
    return this.deps.store.ensureCandleTable(this.series);
  }

  openWriter(): IlpWriter {
    return this.deps.store.openWriter();
  }

  async plan(open: readonly Range[], { grid, onlyAtRest }: WantedBars, options: PlanOptions): Promise<PlannedPage[]> {
    return planPages(this.series, grid, open, { ...options, onlyAtRest });
  }

  fetchPage(page: PlannedPage, wanted: readonly Range[], context: PageContext): Promise<PageOutcome> {
    return fetchCandlePage(page, wanted, { ...context, series: this.series });
  }

  proof(grid: Grid): PageProof {
    const { store, coverage } = this.deps;
    return new CandleProof(this.series, grid, store, coverage);
  }

  async confirm(): Promise<boolean> {
    return false;
  }

  async before(): Promise<Pick<ItemBefore, 'rows'>> {
    return {};
  }

  async receipt(): Promise<{ trades?: TradeReceipt }> {
    return {};
  }
}

class TradeSource implements SeriesSource {
  constructor(
    private readonly series: TradeSeries,
    private readonly deps: BackfillDeps,
  ) {}

  ensureTable(): Promise<void> {
    return this.deps.store.ensureTradeTable(this.series);
  }

  openWriter(): IlpWriter {
    return this.deps.store.openWriter('us');
  }

  async plan(open: readonly Range[], wanted: WantedBars, options: PlanOptions): Promise<PlannedPage[]> {
    if (open.length === 0) return [];
    const { signal, counters, ...choice } = options;
    const perMinute = await this.deps.rates.perMinute(this.series, this.deps, {
      ...(signal ? { signal } : {}),
      ...(counters ? { counters } : {}),
    });
    return planTradePages(this.series, wanted.grid, open, { ...choice, perMinute, onlyAtRest: wanted.onlyAtRest });
  }

  fetchPage(page: PlannedPage, wanted: readonly Range[], context: PageContext): Promise<PageOutcome> {
    return fetchTradePage(page, wanted, { ...context, series: this.series });
  }

  proof(): PageProof {
    const { store, coverage } = this.deps;
    return new TradeProof(this.series, store, coverage);
  }

  confirm(range: Range, context: ConfirmContext): Promise<boolean> {
    return confirmEdges(range, { ...context, ...this.deps, series: this.series });
  }

  async before(range: Range): Promise<Pick<ItemBefore, 'rows'>> {
    return { rows: await this.deps.store.countRows(this.series, range) };
  }

  async receipt(range: Range, { rows = 0 }: ItemBefore): Promise<{ trades?: TradeReceipt }> {
    const { store, coverage } = this.deps;
    const now = await store.countRows(this.series, range);
    const lostIds = await coverage.lostIds(this.series, range);
    return { trades: { stored: Math.max(0, now - rows), alreadyPresent: rows, lostIds } };
  }
}
