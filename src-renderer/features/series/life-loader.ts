import type { CandleLife } from '@shared/contract';

export interface LifeAnswer {
  readonly symbol: string;
  readonly life: CandleLife | null;
  /** Why it is not known, in a sentence. */
  readonly failure: string | null;
}

export interface LifeLoaderOptions {
  ask(symbols: string[], signal: AbortSignal): Promise<readonly LifeAnswer[]>;
  /** Called after every answer. */
  onAnswer(): void;
  sentenceOf(error: unknown): string;
}

/** Each symbol costs the exchange a request or two: small portions let a scroll give up early and answers come in steps. */
const SYMBOLS_PER_CALL = 5;

/**
 * First and last candles of the symbols on screen. One call at a time; symbols that are no longer wanted are not asked for,
 * and a call none of whose symbols is still wanted is given up.
 */
export class LifeLoader {
  readonly answers = new Map<string, LifeAnswer>();
  readonly #options: LifeLoaderOptions;
  #wanted: readonly string[] = [];
  #open: { symbols: readonly string[]; controller: AbortController } | null = null;

  constructor(options: LifeLoaderOptions) {
    this.#options = options;
  }

  /** Replaces what was wanted before. */
  want(symbols: readonly string[]): void {
    this.#wanted = symbols;
    if (this.#open && !this.#open.symbols.some((symbol) => symbols.includes(symbol))) {
      this.#open.controller.abort();
      this.#open = null;
    }
    this.#next();
  }

  stop(): void {
    this.want([]);
  }

  #next(): void {
    if (this.#open) return;
    const symbols = this.#wanted.filter((symbol) => !this.answers.has(symbol)).slice(0, SYMBOLS_PER_CALL);
    if (symbols.length === 0) return;
    const open = { symbols, controller: new AbortController() };
    this.#open = open;
    this.#options
      .ask(symbols, open.controller.signal)
      .catch((error: unknown) => {
        const failure = this.#options.sentenceOf(error);
        return symbols.map((symbol) => ({ symbol, life: null, failure }));
      })
      .then((answers) => {
        if (open.controller.signal.aborted) return;
        for (const answer of answers) this.answers.set(answer.symbol, answer);
        // A symbol that the answer leaves out would be asked for without end.
        for (const symbol of symbols) {
          if (!this.answers.has(symbol))
            this.answers.set(symbol, { symbol, life: null, failure: 'The core did not say.' });
        }
        this.#open = null;
        this.#options.onAnswer();
        this.#next();
      });
  }
}
