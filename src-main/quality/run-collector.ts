import { formatTime, type Grid, type Range } from '@shared/market';
import type { Observation, ObservationKind } from './observation';

/** Rows of one run that are listed with their figures. */
const MOST_EXAMPLES = 5;

interface Run {
  firstBar: number;
  lastBar: number;
  count: number;
  word: string;
  examples: unknown[];
}

/** Where a run of bars begins and ends, in words. */
export function whereOf(grid: Grid, firstBar: number, lastBar: number): string {
  const from = formatTime(grid.openAt(firstBar));
  return firstBar === lastBar ? `at ${from} UTC` : `from ${from} to ${formatTime(grid.openAt(lastBar))} UTC`;
}

/** Joins what is noticed in bars that follow each other into one observation. */
export class RunCollector {
  readonly #runs: Run[] = [];

  constructor(
    private readonly grid: Grid,
    private readonly kind: ObservationKind,
    /** The sentence of a run, from its count, its word and where it begins and ends (in words). */
    private readonly say: (count: number, word: string, where: string) => string,
  ) {}

  /** `word` tells runs of the same kind apart: a change of word begins a new run. */
  add(time: number, word: string, example: unknown): void {
    const bar = this.grid.indexOf(time);
    const last = this.#runs[this.#runs.length - 1];
    if (last && last.word === word && bar <= last.lastBar + 1) {
      last.lastBar = Math.max(last.lastBar, bar);
      last.count++;
      if (last.examples.length < MOST_EXAMPLES) last.examples.push(example);
    } else this.#runs.push({ firstBar: bar, lastBar: bar, count: 1, word, examples: [example] });
  }

  finish(): Observation[] {
    return this.#runs.map(({ firstBar, lastBar, count, word, examples }) => {
      const range: Range = { from: this.grid.openAt(firstBar), to: this.grid.openAt(lastBar + 1) };
      const where = whereOf(this.grid, firstBar, lastBar);
      return { kind: this.kind, range, count, sentence: this.say(count, word, where), data: { examples } };
    });
  }
}
