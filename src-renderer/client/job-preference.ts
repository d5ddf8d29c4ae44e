export interface JobPreferenceOptions {
  prefer(keys: string[]): Promise<unknown>;
  /** Scrolling shows other series with every frame; the core is told when it rests. */
  delayMs?: number;
}

/** The contract's limit. */
const MOST_KEYS = 500;

/** Tells the core which series are on screen, while a job is open that could make use of it. */
export class JobPreference {
  readonly #options: JobPreferenceOptions;
  #keys: readonly string[] = [];
  #isOpen = false;
  #told: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: JobPreferenceOptions) {
    this.#options = options;
  }

  /** Series on screen, in order. */
  show(keys: readonly string[]): void {
    this.#keys = keys;
    this.#tellSoon();
  }

  /** Whether any job waits or runs. Without one the core has forgotten what it was told. */
  setOpen(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    if (isOpen) this.#tellSoon();
    else this.forget();
  }

  /** After a new connection the core must be told anew. */
  forget(): void {
    this.#told = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #tellSoon(): void {
    if (!this.#isOpen) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), this.#options.delayMs ?? 400);
  }

  #tell(): void {
    this.#timer = null;
    const keys = this.#keys.slice(0, MOST_KEYS);
    const text = keys.join(' ');
    if (text === this.#told) return;
    this.#told = text;
    // An order of work, nothing that anybody waits for; the next scroll tells it again.
    this.#options.prefer(keys).catch(() => {
      this.#told = null;
    });
  }
}
