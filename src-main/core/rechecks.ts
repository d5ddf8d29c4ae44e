import { HOUR_MS, type Range, type StoredSeries, seriesKey } from '@shared/market';
import type { BackfillItem, BackfillService, JobRequest } from '../backfill';
import type { CoverageService, Retry } from '../coverage';

export interface RechecksOptions {
  backfill: Pick<BackfillService, 'isIdle' | 'start'>;
  coverage: Pick<CoverageService, 'retries' | 'revision'>;
  /** The series that the workspace follows. */
  series: () => readonly StoredSeries[];
  isExchangeReachable: () => boolean;
  /** Exchange time in milliseconds. */
  now: () => number;
}

/** Requests for bars that nobody has asked for just now: about one a minute. */
const REQUESTS_PER_HOUR = 60;
const BARS_PER_REQUEST = 1_000;
/** Series of which the ledger is looked at in one go: the rest of a big workspace follows at the next looks. */
const SERIES_PER_LOOK = 100;
/** What was asked for again and is due all the same (its job could not even begin) is left alone for so long. */
const LEFT_ALONE_MS = HOUR_MS;
/** Everything else goes first. */
const PRIORITY = -10;

interface Looked {
  revision: number;
  retries: readonly Retry[];
}

/**
 * Asks again for bars whose verdict can change, when their time has come (`CoverageService.retries`): within a budget, and only
 * while nothing of the user's waits. What was tried is remembered by the ledger alone.
 */
export class Rechecks {
  readonly #looked = new Map<string, Looked>();
  readonly #spent: { at: number; requests: number }[] = [];
  readonly #begun = new Map<string, number>();

  constructor(private readonly options: RechecksOptions) {}

  /** Starts at most one job; resolves with its request, null when there is nothing to ask for now. */
  async look(): Promise<JobRequest | null> {
    const { backfill, isExchangeReachable } = this.options;
    if (!isExchangeReachable() || !(await backfill.isIdle())) return null;
    const due = await this.#due();
    // Bars that failed may be in an archive; of those that REST or a file lacks, REST has to say that it has them.
    for (const [source, isWanted] of [
      ['auto', (retry: Retry) => retry.span.verdict === 'fetch_failed'],
      ['rest', (retry: Retry) => retry.span.verdict !== 'fetch_failed'],
    ] as const) {
      const items = this.#withinBudget(due.filter(({ retry }) => isWanted(retry)));
      if (items.length === 0) continue;
      const request: JobRequest = { items, source, priority: PRIORITY, recheck: true };
      const job = await backfill.start(request);
      // Its receipt is in the journal; when this program ends before, the next one goes on.
      job.finished.catch(() => undefined);
      return request;
    }
    return null;
  }

  async #due(): Promise<{ series: StoredSeries; retry: Retry }[]> {
    const { coverage, series: followed, now } = this.options;
    const list = followed();
    let looks = 0;
    for (const series of list) {
      const key = seriesKey(series);
      const revision = await coverage.revision(series);
      if (this.#looked.get(key)?.revision === revision) continue;
      if (++looks > SERIES_PER_LOOK) break;
      this.#looked.set(key, { revision, retries: await coverage.retries(series) });
    }
    const at = now();
    return list
      .flatMap((series) => (this.#looked.get(seriesKey(series))?.retries ?? []).map((retry) => ({ series, retry })))
      .filter(({ series, retry }) => retry.at <= at && !this.#isLeftAlone(series, retry, at))
      .sort((a, b) => a.retry.at - b.retry.at);
  }

  /** What is due again because of a try that has ended since is not. */
  #isLeftAlone(series: StoredSeries, retry: Retry, at: number): boolean {
    const begun = this.#begun.get(nameOf(series, retry.span));
    return begun !== undefined && retry.at <= begun && at - begun < LEFT_ALONE_MS;
  }

  /** The longest due first, cut where the budget of the hour ends; the ledger tells later how far it went. */
  #withinBudget(due: readonly { series: StoredSeries; retry: Retry }[]): BackfillItem[] {
    const at = this.options.now();
    while (this.#spent.length > 0 && at - this.#spent[0]!.at >= HOUR_MS) this.#spent.shift();
    let left = REQUESTS_PER_HOUR - this.#spent.reduce((sum, { requests }) => sum + requests, 0);
    const items: BackfillItem[] = [];
    for (const { series, retry } of due) {
      const requests = Math.ceil(retry.span.bars / BARS_PER_REQUEST);
      // A span of more than a whole hour's budget goes alone, and takes the hour with it.
      if (requests > left && left < REQUESTS_PER_HOUR) continue;
      left -= requests;
      this.#spent.push({ at, requests });
      this.#begun.set(nameOf(series, retry.span), at);
      const { from, to } = retry.span;
      items.push({ key: seriesKey(series), range: { from, to } });
    }
    return items;
  }
}

function nameOf(series: StoredSeries, { from, to }: Range): string {
  return `${seriesKey(series)} ${from} ${to}`;
}
