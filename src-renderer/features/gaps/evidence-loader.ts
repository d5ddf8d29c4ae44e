import type { Range } from '@shared/market';
import type { GapTries } from './gap-tries';

export interface WantedEvidence {
  readonly id: string;
  readonly key: string;
  readonly span: Range;
}

/** What a gap rests on. */
export interface GapEvidence {
  /** Sentences that prove its verdict. */
  readonly lines: readonly string[];
  readonly tries: GapTries;
}

/** Or why it could not be had. */
export type Evidence = GapEvidence | { readonly failure: string };

export type AskEvidence = (key: string, at: number) => Promise<GapEvidence>;

const AT_ONCE = 4;
/** A hundred thousand gaps may be scrolled past; these stay known. */
const KEPT = 2_000;

/**
 * Evidence of the gaps on screen, asked for when they are there: a few at a time, those that were scrolled away no longer. What a
 * change made old is shown until the new answer is there.
 */
export class EvidenceLoader {
  readonly #ask: AskEvidence;
  readonly #failureOf: (error: unknown) => string;
  readonly #known = new Map<string, { key: string; evidence: Evidence; isOld: boolean }>();
  readonly #running = new Map<string, { key: string; isOld: boolean }>();
  readonly #listeners = new Set<() => void>();
  #wanted: readonly WantedEvidence[] = [];

  constructor(ask: AskEvidence, failureOf: (error: unknown) => string) {
    this.#ask = ask;
    this.#failureOf = failureOf;
  }

  get(id: string): Evidence | null {
    return this.#known.get(id)?.evidence ?? null;
  }

  /** What is on screen, in order; replaces what was wanted before. */
  want(wanted: readonly WantedEvidence[]): void {
    this.#wanted = wanted;
    this.#next();
  }

  /** The coverage of these series has changed: what is known of them is asked again when it is wanted. */
  outdate(keys: readonly string[]): void {
    const changed = new Set(keys);
    for (const each of [...this.#known.values(), ...this.#running.values()])
      if (changed.has(each.key)) each.isOld = true;
    this.#next();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #next(): void {
    for (const each of this.#wanted) {
      if (this.#running.size >= AT_ONCE) return;
      const known = this.#known.get(each.id);
      if (this.#running.has(each.id) || (known && !known.isOld)) continue;
      void this.#read(each);
    }
  }

  async #read({ id, key, span }: WantedEvidence): Promise<void> {
    // A change while it is asked for makes the answer old at once.
    const asked = { key, isOld: false };
    this.#running.set(id, asked);
    const evidence: Evidence = await this.#ask(key, span.from).catch((error: unknown) => ({
      failure: this.#failureOf(error),
    }));
    this.#running.delete(id);
    this.#known.delete(id);
    this.#known.set(id, { key, evidence, isOld: asked.isOld });
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
    for (const listener of [...this.#listeners]) listener();
    this.#next();
  }
}
