export type ClosingChoice =
  /** The window goes, the jobs go on; the app ends by itself behind the last of them. */
  | 'background'
  /** Backfills are put down where the next start takes them up; adoptions end with what they have read stored. */
  | 'stop'
  /** The window stays. */
  | 'stay';

export interface ClosingOptions {
  /** Jobs (backfills, adoptions) under way or waiting in this program. */
  jobs(): number;
  ask(jobs: number): Promise<ClosingChoice>;
  /** Closes all windows; each asks `mayClose` again. */
  closeWindows(): void;
  /** There is no window any more and jobs go on: shows that, and a way back. */
  enterBackground(): void;
  leaveBackground(): void;
  quit(): void;
}

/** Decides what closing the window means while a job runs: nobody loses work to a slip, nobody is kept by a question twice. */
export class Closing {
  readonly #options: ClosingOptions;
  #choice: ClosingChoice = 'stay';
  #asking = false;
  #quitting = false;
  #inBackground = false;

  constructor(options: ClosingOptions) {
    this.#options = options;
  }

  /** Whether a window may close now; when not, the person is asked. */
  mayClose(): boolean {
    if (this.#quitting || this.#choice !== 'stay') return true;
    const jobs = this.#options.jobs();
    if (jobs === 0) return true;
    if (!this.#asking) void this.#ask(jobs);
    return false;
  }

  /** The app was told to end as a whole: that is no slip, and stops the jobs safely. */
  beginQuit(): void {
    this.#quitting = true;
  }

  allWindowsClosed(): void {
    if (this.#choice !== 'background' || this.#quitting) {
      this.#options.quit();
      return;
    }
    this.#inBackground = true;
    this.#options.enterBackground();
    // The last job may have ended while the question was open.
    this.jobsChanged();
  }

  /** A window was opened (again). */
  opened(): void {
    this.#choice = 'stay';
    if (!this.#inBackground) return;
    this.#inBackground = false;
    this.#options.leaveBackground();
  }

  jobsChanged(): void {
    if (this.#inBackground && this.#options.jobs() === 0) this.#options.quit();
  }

  async #ask(jobs: number): Promise<void> {
    this.#asking = true;
    try {
      this.#choice = await this.#options.ask(jobs);
    } finally {
      this.#asking = false;
    }
    if (this.#choice !== 'stay') this.#options.closeWindows();
  }
}
