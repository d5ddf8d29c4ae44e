import {
  type CandleSeries,
  countBars,
  countIds,
  type Grid,
  hullOf,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  subtractIds,
  subtractRanges,
  type TradeSeries,
} from '@shared/market';
import type { CoverageService } from '../coverage';
import type { LedgerEntry, QuestDbStore, StoredAmong } from '../questdb';

/** What a page became, acknowledged by the database and not yet read back. */
export interface WrittenPage {
  /** Runs of bars that its rows fill. */
  filled: readonly Range[];
  /** The answer to remember once the rows are proven to be there. */
  entry: LedgerEntry;
  /** Bars that the page settles, for the progress. */
  bars: number;
}

export interface LostRows {
  what: 'candles' | 'trades';
  count: number;
  /** Bars that they would have filled. */
  ranges: Range[];
}

/** How it is proven that written rows can be read. */
export interface PageProof {
  /** The pages of which every row can be read; they are noted as stored. `lost`: what the others lack. */
  prove(pages: readonly WrittenPage[]): Promise<{ whole: WrittenPage[]; lost: LostRows | null }>;
}

/** Bar by bar. */
export class CandleProof implements PageProof {
  constructor(
    private readonly series: CandleSeries,
    private readonly grid: Grid,
    private readonly store: Pick<QuestDbStore, 'settle' | 'presentAmong'>,
    private readonly coverage: Pick<CoverageService, 'noteStored'>,
  ) {}

  async prove(pages: readonly WrittenPage[]): Promise<{ whole: WrittenPage[]; lost: LostRows | null }> {
    const { present, flat } = await this.#storedAround(pages);
    const whole = pages.filter((page) => subtractRanges(page.filled, present).length === 0);
    const filled = whole.flatMap((page) => page.filled);
    if (whole.length === pages.length) {
      await this.coverage.noteStored(this.series, { bars: filled, flat });
      return { whole, lost: null };
    }
    // Of the others some rows may be stored: they count when they are fetched again.
    await this.coverage.noteStored(this.series, { bars: filled, flat: (await this.#storedAround(whole)).flat });
    const ranges = subtractRanges(
      pages.flatMap((page) => page.filled),
      present,
    );
    const count = ranges.reduce((sum, range) => sum + countBars(this.grid, range), 0);
    return { whole, lost: { what: 'candles', count, ranges } };
  }

  async #storedAround(pages: readonly WrittenPage[]): Promise<StoredAmong> {
    const filled = pages.flatMap((page) => page.filled);
    if (filled.length === 0) return { present: [], flat: 0 };
    await this.store.settle(this.series);
    return this.store.presentAmong(this.series, this.grid, normalizeRanges(filled));
  }
}

/** Trades of one moment may lie so far beside the minutes that they were fetched for, because some are older than those before. */
const BESIDE_MS = MINUTE_MS;

/** Id by id. */
export class TradeProof implements PageProof {
  constructor(
    private readonly series: TradeSeries,
    private readonly store: Pick<QuestDbStore, 'settle' | 'tradeContent'>,
    private readonly coverage: Pick<CoverageService, 'noteStored' | 'refresh'>,
  ) {}

  async prove(pages: readonly WrittenPage[]): Promise<{ whole: WrittenPage[]; lost: LostRows | null }> {
    const filled = pages.flatMap((page) => page.filled);
    if (pages.every(({ entry }) => entry.ids === undefined)) return { whole: [...pages], lost: null };
    const { from, to } = hullOf(filled);
    await this.store.settle(this.series);
    const { runs } = await this.store.tradeContent(this.series, { from: from - BESIDE_MS, to: to + BESIDE_MS });
    const ids = runs.map((run) => ({ from: run.firstId, to: run.lastId }));
    const lacking = pages.map(({ entry }) =>
      entry.ids
        ? countIds(subtractIds([entry.ids], [...ids, ...(entry.lostIds ?? []), ...(entry.markedIds ?? [])]))
        : 0,
    );
    const lost = lacking.reduce((sum, count) => sum + count, 0);
    const whole = pages.filter((_, index) => lacking[index] === 0);
    await this.coverage.noteStored(this.series, { bars: filled, runs });
    if (lost === 0) return { whole, lost: null };
    // What was thought to be stored and therefore not written may be what is not there.
    await this.coverage.refresh(this.series, { from, to });
    const ranges = pages.filter((_, index) => lacking[index] !== 0).flatMap((page) => [...page.filled]);
    return { whole, lost: { what: 'trades', count: lost, ranges } };
  }
}
