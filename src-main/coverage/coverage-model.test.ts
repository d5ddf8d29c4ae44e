import type { OutageEntry } from '@shared/contract';
import {
  candleSeries,
  gridOf,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  type Span,
  type StoredSeries,
  seriesKey,
  tableName,
  type Verdict,
} from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LedgerEntry, OutageDecision } from '../questdb';
import { acceptGap, withdrawGap } from './accept-gap';
import type { CoverageCache } from './coverage-cache';
import { CoverageService } from './coverage-service';
import type { CoverageStore } from './coverage-store';
import { OutageCatalogue } from './outage-catalogue';
import { Outages } from './outages';

const BARS = 40;
const T0 = Date.UTC(2030, 0, 1);
const SERIES = ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT'].map((symbol) => candleSeries(symbol, '1m'));
const ALL = { from: T0, to: T0 + BARS * MINUTE_MS };
const minutes = (from: number, to: number): Range => ({ from: T0 + from * MINUTE_MS, to: T0 + to * MINUTE_MS });
const openOf = (minute: number): number => T0 + minute * MINUTE_MS;

/** Tables as sets of minutes, and everything that was ever appended; each write makes a new version. */
class MemoryStore {
  readonly tables = new Map<string, Set<number>>();
  readonly ledger: LedgerEntry[] = [];
  readonly decisions = new Map<string, OutageDecision>();
  #writes = 0;

  rowsOf(series: StoredSeries): Set<number> {
    const table = tableName(series);
    const rows = this.tables.get(table) ?? new Set();
    this.tables.set(table, rows);
    return rows;
  }

  write(series: StoredSeries, change: (rows: Set<number>) => void): void {
    change(this.rowsOf(series));
    this.#writes++;
  }

  /** Every third minute has no trade. */
  flatOf(series: StoredSeries): number {
    return [...this.rowsOf(series)].filter((minute) => minute % 3 === 0).length;
  }

  get store(): CoverageStore & Pick<Outages['options']['store'], 'outagesAppend' | 'outagesRead'> {
    const version = () => String(this.#writes);
    return {
      content: async (series) => {
        const rows = [...this.rowsOf(series)].sort((a, b) => a - b);
        return {
          bars: rows.length,
          first: rows.length > 0 ? openOf(rows[0]!) : null,
          last: rows.length > 0 ? openOf(rows.at(-1)!) : null,
          present: normalizeRanges(rows.map((minute) => minutes(minute, minute + 1))),
          flat: this.flatOf(series),
        };
      },
      contentVersion: async () => version(),
      countFlat: async (series) => this.flatOf(series),
      ledgerAppend: async (entries) => void this.ledger.push(...entries),
      ledgerCounts: async () =>
        [...new Set(this.ledger.map(({ key }) => key))].map((key) => {
          const times = this.ledger.filter((entry) => entry.key === key).map(({ at }) => Math.trunc(at));
          return { key, count: times.length, newest: Math.max(...times) };
        }),
      ledgerRead: async (keys) => this.ledger.filter(({ key }) => !keys || keys.includes(key)),
      settle: async () => {},
      tablesOverview: async () => new Map(),
      tableVersions: async () => ({
        tables: new Map(SERIES.map((series) => [tableName(series), version()])),
        ledger: String(this.ledger.length),
        findings: null,
      }),
      tradeParts: async () => [],
      lastTradedCandle: async () => null,
      tradesAround: async () => ({ before: null, after: null }),
      outagesAppend: async (decisions) => {
        for (const decision of decisions) this.decisions.set(decision.id, decision);
        this.#writes++;
      },
      outagesRead: async () => ({ version: this.#writes, decisions: [...this.decisions.values()] }),
    };
  }
}

/** One program of the workspace. */
function program(memory: MemoryStore) {
  const catalogue = new OutageCatalogue();
  const { store } = memory;
  const folds = { read: async () => new Map(), write: async () => {} };
  const cache = { read: async () => null, write: async () => {}, folds } as unknown as CoverageCache;
  const coverage = new CoverageService({ store, cache, now: () => ALL.to, nodeIdOf: () => '', catalogue });
  const outages = new Outages({ store, catalogue, coverage });
  return { coverage, outages };
}

type Program = ReturnType<typeof program>;

/** What one minute of a series has seen, told step by step and judged by nothing but that. */
interface Minute {
  stored: boolean;
  /** Answers by job, newest last; those of a reverted job go. */
  answers: { job: number; source: 'rest' | 'archiveDaily'; outcome: 'answered' | 'failed'; has: boolean }[];
  accepted: boolean;
}

class BruteForce {
  readonly minutes = new Map<string, Minute[]>();
  stops: { id: string; range: Range }[] = [];

  of(series: StoredSeries): Minute[] {
    const key = seriesKey(series);
    const all =
      this.minutes.get(key) ?? Array.from({ length: BARS }, () => ({ stored: false, answers: [], accepted: false }));
    this.minutes.set(key, all);
    return all;
  }

  within(series: StoredSeries, range: Range): Minute[] {
    return this.of(series).filter((_, minute) => openOf(minute) >= range.from && openOf(minute) < range.to);
  }

  verdicts(series: StoredSeries): Verdict[] {
    const own = this.of(series);
    const bare = own.map((_, minute) => this.#bare(series, minute));
    const traded = (minute: number) => SERIES.filter((each) => this.of(each)[minute]!.stored).length >= 3;
    // Absent bars in a row are one run, which ends where a person has accepted some; beside a bar of it that others lack too nobody can tell.
    const isRun = (minute: number) =>
      bare[minute] === 'confirmed_absent' && this.#isAbsent(own[minute]!) && !own[minute]!.accepted;
    return bare.map((verdict, minute) => {
      if (!isRun(minute)) return verdict;
      const around = [minute - 1, minute, minute + 1].filter((each) => isRun(each));
      return around.every(traded) ? 'symbol_halt' : verdict;
    });
  }

  #bare(series: StoredSeries, minute: number): Verdict {
    const one = this.of(series)[minute]!;
    if (one.stored) return 'present';
    const lastOf = (source: string) =>
      one.answers.filter((each) => each.source === source && each.outcome === 'answered').at(-1);
    const isShown = [lastOf('rest'), lastOf('archiveDaily')].some((answer) => answer && !answer.has);
    const isIn = this.stops.some(
      ({ range }) => openOf(minute) >= range.from - MINUTE_MS && openOf(minute) < range.to + MINUTE_MS,
    );
    if (isIn && (isShown || this.#isEnclosed(series, minute))) return 'exchange_outage';
    if (this.#isAbsent(one) || one.accepted) return 'confirmed_absent';
    if (lastOf('archiveDaily')?.has === false) return 'unexplained';
    if (one.answers.at(-1)?.outcome === 'failed') return 'fetch_failed';
    return one.answers.some(({ outcome }) => outcome === 'answered') ? 'unexplained' : 'not_asked';
  }

  #isAbsent(one: Minute): boolean {
    return one.answers.filter((each) => each.source === 'rest' && each.outcome === 'answered').at(-1)?.has === false;
  }

  /** Stored candles stand on both sides of the hole, which lies in one stop. */
  #isEnclosed(series: StoredSeries, minute: number): boolean {
    const own = this.of(series);
    let [first, last] = [minute, minute];
    while (first > 0 && !own[first - 1]!.stored) first--;
    while (last < BARS - 1 && !own[last + 1]!.stored) last++;
    if (first === 0 || last === BARS - 1) return false;
    return this.stops.some(
      ({ range }) => openOf(first) >= range.from - MINUTE_MS && openOf(last + 1) <= range.to + MINUTE_MS,
    );
  }
}

const piece = fc
  .tuple(fc.nat(BARS - 1), fc.integer({ min: 1, max: 12 }))
  .map(([from, long]) => minutes(from, Math.min(BARS, from + long)));
const which = fc.nat(SERIES.length - 1);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('store' as const), which, range: piece }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), which, range: piece }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which,
      range: piece,
      job: fc.nat(3),
      source: fc.constantFrom('rest' as const, 'rest' as const, 'archiveDaily' as const),
      outcome: fc.constantFrom('answered' as const, 'answered' as const, 'failed' as const),
      has: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revert' as const), which, job: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('accept' as const), which, range: piece }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), which, range: piece }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), range: piece }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resume' as const), which }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does the step through one program, and to the minutes. */
async function take(each: Step, at: number, own: Program, memory: MemoryStore, truth: BruteForce): Promise<void> {
  const { coverage, outages } = own;
  const series = SERIES['which' in each ? each.which : 0]!;
  const key = seriesKey(series);
  const record = (entry: Partial<LedgerEntry>) =>
    coverage.recordAnswers(
      [
        {
          at,
          key,
          source: 'rest',
          outcome: 'answered',
          range: ALL,
          rows: 0,
          absent: [],
          evidence: `${at}`,
          jobId: '',
          ...entry,
        },
      ],
      new Map([[key, series]]),
    );
  switch (each.do) {
    case 'store': {
      const first = (each.range.from - T0) / MINUTE_MS;
      const count = (each.range.to - each.range.from) / MINUTE_MS;
      const stored = Array.from({ length: count }, (_, index) => first + index);
      memory.write(series, (rows) => {
        for (const minute of stored) rows.add(minute);
      });
      await coverage.noteStored(series, {
        bars: [each.range],
        flat: stored.filter((minute) => minute % 3 === 0).length,
      });
      for (const minute of truth.within(series, each.range)) minute.stored = true;
      return;
    }
    case 'lose':
      memory.write(series, (rows) => {
        for (const minute of rows)
          if (openOf(minute) >= each.range.from && openOf(minute) < each.range.to) rows.delete(minute);
      });
      await coverage.refresh(series, each.range);
      for (const minute of truth.within(series, each.range)) minute.stored = false;
      return;
    case 'answer': {
      const { job, source, outcome, range } = each;
      const has = outcome === 'failed' || each.has;
      await record({ source, outcome, range, absent: has ? [] : [range], jobId: `job${job}` });
      for (const minute of truth.within(series, range)) minute.answers.push({ job, source, outcome, has });
      return;
    }
    case 'revert':
      await record({ outcome: 'reverted', jobId: `job${each.job}` });
      for (const minute of truth.of(series)) minute.answers = minute.answers.filter(({ job }) => job !== each.job);
      return;
    case 'accept': {
      const open = truth
        .verdicts(series)
        .map((verdict) => ['unexplained', 'fetch_failed', 'not_asked'].includes(verdict));
      await acceptGap(coverage, series, each.range, 'because', at).catch(() => 0);
      truth.of(series).forEach((minute, index) => {
        if (open[index] && truth.within(series, each.range).includes(minute)) minute.accepted = true;
      });
      return;
    }
    case 'withdraw':
      await withdrawGap(coverage, series, each.range, at).catch(() => 0);
      for (const minute of truth.within(series, each.range)) minute.accepted = false;
      return;
    case 'stop': {
      const entry: OutageEntry = {
        id: `stop${at}`,
        origin: 'own',
        market: 'spot',
        ...each.range,
        sources: 3,
        remark: null,
        evidence: null,
      };
      await outages.adopt([entry]);
      truth.stops.push({ id: entry.id, range: each.range });
      return;
    }
    case 'resume': {
      const stop = truth.stops[each.which % Math.max(1, truth.stops.length)];
      if (!stop) return;
      await outages.withdraw(stop.id);
      truth.stops = truth.stops.filter((known) => known !== stop);
    }
  }
}

function bars(spans: readonly Span[]): Verdict[] {
  const grid = gridOf('1m');
  return spans.flatMap(({ from, to, verdict }) =>
    Array.from({ length: grid.indexOf(to) - grid.indexOf(from) }, () => verdict),
  );
}

it('a minute reads otherwise than what was stored, asked, lost, reverted, accepted and known of stops says of it', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const memory = new MemoryStore();
      const truth = new BruteForce();
      const own = program(memory);
      for (const [index, each] of steps.entries()) {
        await take(each, 1_000 + index, own, memory, truth);
        for (const series of SERIES) {
          const { spans, missing } = await own.coverage.report(series, ALL);
          const expected = truth.verdicts(series);
          expect(bars(spans)).toEqual(expected);
          const of = (verdicts: Verdict[]) => expected.filter((verdict) => verdicts.includes(verdict)).length;
          expect(missing).toEqual({
            explained: of(['exchange_outage', 'symbol_halt', 'confirmed_absent']),
            unexplained: of(['unexplained', 'fetch_failed', 'not_asked']),
          });
        }
      }
      // Another program, or the next start, derives the same from what was kept; every gap says why.
      const beside = program(memory);
      await beside.outages.catchUp();
      // Peers count from when they are known.
      for (const series of SERIES) await beside.coverage.summary(series);
      for (const series of SERIES) {
        expect(bars((await beside.coverage.report(series, ALL)).spans)).toEqual(truth.verdicts(series));
        expect(await own.coverage.flat(series)).toBe(memory.flatOf(series));
        for (const gap of await beside.coverage.gaps(series, ALL)) expect(gap.evidence.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 150 },
  );
});
