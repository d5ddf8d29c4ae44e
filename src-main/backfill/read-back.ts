import { AppError } from '@shared/contract';
import { type StoredSeries, seriesKey } from '@shared/market';
import type { CoverageService } from '../coverage';
import type { PageProof, WrittenPage } from './page-proof';

export interface ReadBackOptions {
  series: StoredSeries;
  proof: PageProof;
  coverage: Pick<CoverageService, 'recordAnswers'>;
  onBars: (bars: number) => void;
  /** Repeats what failed only for want of a running database. */
  patiently: <T>(action: () => Promise<T>) => Promise<T>;
}

/** Pages wait at most so long, at most so many, and with at most so many bars, before they are read back together. */
const LONGEST_WAIT_MS = 800;
const MOST_WAITING = 32;
const MOST_BARS_WAITING = 700_000;

/**
 * Proves that written rows can be read, bar by bar or id by id, several pages at a time (each proof costs the server a query and a ledger
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
    const { series, proof, coverage, patiently } = this.options;
    const { whole, lost } = await patiently(() => proof.prove(pages));
    const key = seriesKey(series);
    await patiently(() =>
      coverage.recordAnswers(
        whole.map((page) => page.entry),
        new Map([[key, series]]),
      ),
    );
    this.options.onBars(whole.reduce((sum, page) => sum + page.bars, 0));
    if (lost === null) return;
    throw new AppError(
      'questdb.rows_missing',
      `QuestDB acknowledged ${lost.what} of ${key} of which ${lost.count} cannot be read back; they will be fetched again.`,
      { ranges: lost.ranges },
    );
  }
}
