import type { AppError, Receipt } from '@shared/contract';
import type { BackfillJob } from './backfill-job';
import type { JournaledJob } from './journal-lines';

/** A job of this program, over all its runs. */
export class OwnJob {
  readonly finished: Promise<Receipt>;
  #settle: { resolve: (receipt: Receipt) => void; reject: (error: unknown) => void } | null = null;

  constructor(
    public record: JournaledJob,
    public job: BackfillJob,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.finished.catch(() => undefined);
  }

  get jobId(): string {
    return this.record.jobId;
  }

  /** Set when nothing could be done because a part is unreachable. */
  get unreachable(): AppError | null {
    return this.job.unreachable;
  }

  resolve(receipt: Receipt): void {
    this.#settle?.resolve(receipt);
  }

  reject(error: unknown): void {
    this.#settle?.reject(error);
  }
}
