import { AppError } from '@shared/contract';
import {
  type CandleSeries,
  countBars,
  type Grid,
  normalizeRanges,
  type Range,
  seriesKey,
  subtractRanges,
} from '@shared/market';
import type { CoverageService } from '../coverage';
import type { LedgerEntry, QuestDbStore } from '../questdb';

export type ReadBackStore = Pick<QuestDbStore, 'settle' | 'presentAmong'>;

/** What a page became, acknowledged by the database and not yet read back. */
export interface WrittenPage {
  /** Runs of bars that its candles fill. */
  filled: readonly Range[];
  /** The answer to remember once the bars are proven to be there. */
  entry: LedgerEntry;
  /** Bars that the page settles, for the progress. */
  bars: number;
}

export interface ReadBackOptions {
  series: CandleSeries;
  grid: Grid;
  store: ReadBackStore;
  coverage: Pick<CoverageService, 'noteStored' | 'recordAnswers'>;
  onBars: (bars: number) => void;
  /** Repeats what failed only for want of a running database. */
  patiently: <T>(action: () => Promise<T>) => Promise<T>;
}

/** Pages wait at most so long, at most so many, and with at most so many bars, before they are read back together. */
const LONGEST_WAIT_MS = 400;
const MOST_WAITING = 32;
const MOST_BARS_WAITING = 350_000;

/**
 * Proves bar by bar that written candles can be read, several pages at a time (each proof costs the server a query and a ledger
 * commit), and only then notes them as stored and enters the answers into the ledger. Bars that an acknowledged page should
 * have filled and did not stay missing in the coverage, so that the next round of planning fetches them again.
 */
export class ReadBack {
  #waiting: WrittenPage[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  constructor(private readonly options: ReadBackOptions) {}

  /** Takes a page in; what a proof fails with is told by `drain`, since it says nothing of the page that comes next. */
  add(page: WrittenPage): void {
    this.#waiting.push(page);
    const bars = this.#waiting.reduce((sum, each) => sum + each.bars, 0);
    if (this.#waiting.length >= MOST_WAITING || bars >= MOST_BARS_WAITING) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), LONGEST_WAIT_MS);
  }

  /** Resolves when every page was read back. Throws `questdb.rows_missing`, or what reading or the ledger failed with. */
  async drain(): Promise<void> {
    this.#begin();
    await this.#running;
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
  }

  #begin(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const pages = this.#waiting;
    this.#waiting = [];
    if (pages.length === 0) return;
    this.#running = this.#running
      .then(() => this.#prove(pages))
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
  }

  async #prove(pages: readonly WrittenPage[]): Promise<void> {
    const { series, grid, store, coverage, patiently } = this.options;
    const present = await patiently(() => this.#presentAround(pages, store));
    const whole = pages.filter((page) => subtractRanges(page.filled, present).length === 0);
    await coverage.noteStored(
      series,
      whole.flatMap((page) => page.filled),
    );
    const key = seriesKey(series);
    await patiently(() =>
      coverage.recordAnswers(
        whole.map((page) => page.entry),
        new Map([[key, series]]),
      ),
    );
    this.options.onBars(whole.reduce((sum, page) => sum + page.bars, 0));
    if (whole.length === pages.length) return;
    const lost = subtractRanges(
      pages.flatMap((page) => page.filled),
      present,
    ).reduce((sum, range) => sum + countBars(grid, range), 0);
    throw new AppError(
      'questdb.rows_missing',
      `QuestDB acknowledged candles of ${key} of which ${lost} cannot be read back; they will be fetched again.`,
    );
  }

  async #presentAround(pages: readonly WrittenPage[], store: ReadBackStore): Promise<readonly Range[]> {
    const filled = pages.flatMap((page) => page.filled);
    if (filled.length === 0) return [];
    await store.settle(this.options.series);
    return store.presentAmong(this.options.series, this.options.grid, normalizeRanges(filled));
  }
}
