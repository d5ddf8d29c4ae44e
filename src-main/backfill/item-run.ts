import { failureOf, type SeriesReceipt } from '@shared/contract';
import { type Range, type StoredSeries, seriesKey } from '@shared/market';
import { ItemFindings } from './item-findings';
import { ItemRounds } from './item-rounds';
import { type JobContext, wantedBy } from './job-context';
import type { ItemBefore } from './journal-lines';
import { LifetimeLookup } from './lifetime-lookup';
import { seriesReceipt } from './receipt';
import { RowWriter } from './row-writer';
import { type SeriesSource, sourceOf } from './series-source';
import { storeFindings } from './store-findings';

/** One range of one series of a job: looks what is there, fetches what is not, and reads back what it came to. */
export class ItemRun {
  readonly #findings: ItemFindings;
  readonly #kind: SeriesSource;
  /** Rows may have been written. */
  #touched = false;

  constructor(
    private readonly index: number,
    private readonly series: StoredSeries,
    private readonly range: Range,
    private readonly job: JobContext,
    /** Place among the items under way: the lower goes first. */
    private readonly rank: () => number,
    /** What the job saw of this item when it first looked, before it was interrupted. */
    private readonly before: ItemBefore | null,
  ) {
    this.#kind = sourceOf(series, job.deps);
    this.#findings = new ItemFindings(seriesKey(series), job.jobId);
  }

  /** Null when not even its receipt could be read. Never throws. */
  async run(): Promise<SeriesReceipt | null> {
    const { deps, retries, signal } = this.job;
    let before: ItemBefore;
    try {
      before = this.before ?? (await this.#look());
    } catch (error) {
      this.#fail(error);
      return null;
    }
    const writer = this.#kind.openWriter();
    let life: LifetimeLookup | null = null;
    try {
      if (!this.#isOver) {
        life = new LifetimeLookup(this.series, this.job);
        const { index, series, range, rank } = this;
        const rounds = new ItemRounds(
          {
            index,
            series,
            range,
            kind: this.#kind,
            findings: this.#findings,
            life,
            rows: new RowWriter(writer, deps.lanes.writes, rank, signal),
            ownsStrays: before.rows === 0,
            rank,
          },
          this.job,
        );
        await rounds.learn();
        await retries.database(signal, () => this.#kind.ensureTable());
        this.#touched = true;
        await rounds.run();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      await life?.end();
      writer.close();
    }
    return this.#receipt(before);
  }

  async #look(): Promise<ItemBefore> {
    const { deps, retries, jobId, signal } = this.job;
    const before = await retries.database(signal, async () => {
      const { asked, alreadyPresent } = await wantedBy(this.job, this.series, this.range);
      return { asked, alreadyPresent, ...(await this.#kind.before(this.range)) };
    });
    await deps.journal.begun(jobId, this.index, before);
    return before;
  }

  /** Read from the table's content anew, also of a job that was cancelled. */
  async #receipt(before: ItemBefore): Promise<SeriesReceipt | null> {
    const { deps, retries, progress, signal } = this.job;
    /** Repeats what fails only for want of a running database: for a while only once the job is told to end. */
    const patiently = <T>(action: () => Promise<T>): Promise<T> =>
      signal.aborted ? retries.briefly(action) : retries.database(signal, action);
    try {
      if (this.job.isHalted()) {
        await this.#storeFindings();
        return null;
      }
      if (!signal.aborted || this.#touched) await patiently(() => deps.coverage.refresh(this.series, this.range));
      await this.#storeFindings();
      return await patiently(async () =>
        seriesReceipt(deps.coverage, this.series, this.range, before, {
          sources: { ...progress.items.at(this.index).sources },
          findings: this.#findings.sentences,
          nodeId: deps.nodeIdOf(this.series),
          mostProvenance: this.job.mostProvenance,
          ...(await this.#kind.receipt(this.range, before)),
        }),
      );
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  async #storeFindings(): Promise<void> {
    const { deps, retries } = this.job;
    await retries
      .briefly(() => storeFindings(this.#findings, this.series, deps))
      .catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): string {
    if (this.job.signal.aborted) return failureOf(error).message;
    return this.job.fail(error, this.index);
  }

  get #isOver(): boolean {
    return this.job.signal.aborted || this.job.retries.gaveUp;
  }
}
