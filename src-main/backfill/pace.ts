import { readFile } from 'node:fs/promises';
import type { PlanTotals, SourceTier } from '@shared/contract';
import { replaceFile } from '../files';

/** How fast this machine, network and exchange have been; kept in the workspace. */
export interface PaceFigures {
  /** Candles a second through parsing, writing and reading back. */
  barsPerSecond: number;
  /** Milliseconds between files or requests of a source, with as many on the way as there were. */
  msPerFetch: Record<SourceTier, number>;
}

export const FIRST_PACE: PaceFigures = {
  barsPerSecond: 250_000,
  msPerFetch: { archiveMonthly: 120, archiveDaily: 60, rest: 60 },
};

/** What a job measured: bars stored, time under way, and per source how many fetches took how long in sum. */
export interface PaceSample {
  bars: number;
  ms: number;
  fetches: Record<SourceTier, { count: number; ms: number }>;
}

/** Fetches of a source that are on the way at the same time, in a long job. */
const AT_ONCE: Record<SourceTier, number> = { archiveMonthly: 4, archiveDaily: 8, rest: 4 };
/** Planning, the table, the last reading back. */
const FIXED_MS = 300;
/** Smaller jobs measure their own beginning and end. */
const LEAST_BARS = 10_000;
const LEAST_FETCHES = 3;
/** Weight of a new measurement. */
const NEWER = 0.4;
const BOUNDS = { barsPerSecond: [5_000, 2_000_000], msPerFetch: [2, 120_000] } as const;

/** Estimates of plans, learned from the jobs before, of all programs of the workspace. */
export class Pace {
  #figures: PaceFigures = FIRST_PACE;
  #loaded: Promise<void> | null = null;

  /** Without a file, only this program's own jobs count. */
  constructor(private readonly file: string | null) {}

  /** Milliseconds that the plan will take: the slowest of its ways, since they run side by side. */
  async estimate(totals: Omit<PlanTotals, 'estimateMs'>, weightPerMinute: number | null): Promise<number> {
    await this.#load();
    if (totals.requests === 0) return 0;
    const { barsPerSecond, msPerFetch } = this.#figures;
    const fetches = { archiveMonthly: totals.archiveMonthly, archiveDaily: totals.archiveDaily, rest: totals.rest };
    const ways = (Object.keys(fetches) as SourceTier[]).map((tier) =>
      Math.max(fetches[tier] > 0 ? msPerFetch[tier] : 0, (fetches[tier] * msPerFetch[tier]) / AT_ONCE[tier]),
    );
    ways.push(((totals.bars + (totals.estimatedTrades ?? 0)) / barsPerSecond) * 1000);
    // The budget of the running minute can be used at once; what is beyond it waits for the next ones.
    if (weightPerMinute) ways.push(Math.floor(totals.weight / weightPerMinute) * 60_000);
    return Math.round(FIXED_MS + Math.max(...ways));
  }

  /** Takes a finished job into account, and remembers it for the workspace's other programs. */
  async learn(sample: PaceSample): Promise<void> {
    await this.#load();
    const msPerFetch = { ...this.#figures.msPerFetch };
    for (const tier of Object.keys(msPerFetch) as SourceTier[]) {
      const { count, ms } = sample.fetches[tier];
      if (count >= LEAST_FETCHES) msPerFetch[tier] = mixed(msPerFetch[tier], ms / count, BOUNDS.msPerFetch);
    }
    let { barsPerSecond } = this.#figures;
    const isLarge = sample.bars >= LEAST_BARS && sample.ms > FIXED_MS;
    if (isLarge) {
      const rate = (sample.bars / (sample.ms - FIXED_MS)) * 1000;
      // A job that waited for its sources shows less than the chain can do: it never makes the figure worse than slowly.
      barsPerSecond = mixed(barsPerSecond, rate, BOUNDS.barsPerSecond, rate < barsPerSecond ? NEWER / 2 : NEWER);
    }
    this.#figures = { barsPerSecond, msPerFetch };
    await this.#save();
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#read();
    return this.#loaded;
  }

  async #read(): Promise<void> {
    if (this.file === null) return;
    try {
      const known = JSON.parse(await readFile(this.file, 'utf8')) as Partial<PaceFigures>;
      const msPerFetch = { ...FIRST_PACE.msPerFetch };
      for (const tier of Object.keys(msPerFetch) as SourceTier[])
        msPerFetch[tier] = within(known.msPerFetch?.[tier] ?? msPerFetch[tier], BOUNDS.msPerFetch);
      const barsPerSecond = within(known.barsPerSecond ?? FIRST_PACE.barsPerSecond, BOUNDS.barsPerSecond);
      this.#figures = { barsPerSecond, msPerFetch };
    } catch {
      // No job has been measured yet, or the file is damaged: an estimate starts from the first guess again.
    }
  }

  /** An estimate that is forgotten harms nobody, so a file that cannot be written is no failure. */
  async #save(): Promise<void> {
    if (this.file === null) return;
    await replaceFile(this.file, JSON.stringify(this.#figures)).catch(() => undefined);
  }
}

function mixed(known: number, measured: number, bounds: readonly [number, number], newer = NEWER): number {
  return within(known * (1 - newer) + measured * newer, bounds);
}

function within(value: number, [least, most]: readonly [number, number]): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;
}
