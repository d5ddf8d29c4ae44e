import type { IlpWriter } from '../questdb';
import type { Slots } from './slots';

interface Waiting {
  bodies: readonly Uint8Array[];
  bytes: number;
  done: () => void;
  failed: (error: unknown) => void;
}

/** Small bodies go together up to this size; each request costs the server a commit. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Bodies from this size go alone. */
const WHOLE_BYTES = 1024 * 1024;
/** Rows wait at most so long for others that are announced. */
const LONGEST_HOLD_MS = 200;
/** Requests of one series at a time; the writer has as many connections. */
const AT_ONCE = 2;

/**
 * Writes the rows of a series. A day of minutes costs the server a third of what a month does, so what arrives while requests are
 * under way goes together in the next one, and small bodies wait a moment for pages that were announced: a month of daily files
 * makes a few commits instead of thirty, and a lone page does not wait.
 */
export class RowWriter {
  readonly #waiting: Waiting[] = [];
  #sending = 0;
  #announced = 0;
  #holding: ReturnType<typeof setTimeout> | null = null;
  /** Those that wait have waited long enough. */
  #isOverdue = false;

  constructor(
    private readonly writer: Pick<IlpWriter, 'writeLines'>,
    private readonly slots: Slots,
    private readonly rank: () => number,
    private readonly signal: AbortSignal,
  ) {}

  /** The rows of a page will come soon. To be taken back when they are there or when they will not come. */
  announce(): () => void {
    this.#announced++;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      this.#announced--;
      this.#pump();
    };
  }

  /** Resolves when all bodies are durable; their memory may then be used again. */
  write(bodies: readonly Uint8Array[]): Promise<void> {
    if (bodies.length === 0) return Promise.resolve();
    return new Promise((done, failed) => {
      const bytes = bodies.reduce((sum, body) => sum + body.byteLength, 0);
      this.#waiting.push({ bodies, bytes, done, failed });
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#sending < AT_ONCE && this.#waiting.length > 0) {
      if (this.#isHeld()) return;
      this.#sending++;
      void this.#sendNext().finally(() => {
        this.#sending--;
        this.#pump();
      });
    }
  }

  #isHeld(): boolean {
    const bytes = this.#waiting.reduce((sum, each) => sum + each.bytes, 0);
    if (this.#announced === 0 || this.#isOverdue || bytes >= BATCH_BYTES) return false;
    this.#holding ??= setTimeout(() => {
      this.#holding = null;
      this.#isOverdue = true;
      this.#pump();
    }, LONGEST_HOLD_MS);
    return true;
  }

  async #sendNext(): Promise<void> {
    let batch: Waiting[] = [];
    try {
      const giveBack = await this.slots.take(1, this.rank(), this.signal);
      try {
        // Chosen only now: more has come while the slot was waited for.
        batch = this.#takeBatch();
        this.#release();
        for (const parts of requestsOf(batch)) await this.writer.writeLines(parts, this.signal);
      } finally {
        giveBack();
      }
      for (const each of batch) each.done();
    } catch (error) {
      for (const each of batch.length > 0 ? batch : this.#waiting.splice(0, 1)) each.failed(error);
    }
  }

  #release(): void {
    if (this.#holding !== null) clearTimeout(this.#holding);
    this.#holding = null;
    this.#isOverdue = false;
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const each of this.#waiting) {
      if (count > 0 && bytes + each.bytes > BATCH_BYTES) break;
      bytes += each.bytes;
      count++;
    }
    return this.#waiting.splice(0, count);
  }
}

/** Requests of a batch: large bodies alone, small ones together. */
function requestsOf(batch: readonly Waiting[]): Uint8Array[][] {
  const requests: Uint8Array[][] = [];
  const small: Uint8Array[] = [];
  for (const body of batch.flatMap((each) => each.bodies)) {
    if (body.byteLength >= WHOLE_BYTES) requests.push([body]);
    else small.push(body);
  }
  if (small.length > 0) requests.push(small);
  return requests;
}
