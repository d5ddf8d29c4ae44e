import { join } from 'node:path';
import { AppError } from '@shared/contract';
import {
  type CandleSeries,
  candleSeries,
  createCandleColumns,
  intervalSeconds,
  MINUTE_MS,
  seriesKey,
  tableName,
} from '@shared/market';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeCandleLines, type LedgerEntry, QuestDbStore, seriesNodeId } from '../questdb';
import { startTestDatabase, type TestDatabase } from '../questdb/testing';
import { acceptGap, withdrawGap } from './accept-gap';
import { CoverageCache } from './coverage-cache';
import { CoverageService } from './coverage-service';
import type { CoverageStore } from './coverage-store';

const START = Date.UTC(2024, 0, 1);
const HOUR = { from: START, to: START + 60 * MINUTE_MS };

let database: TestDatabase;
let other: QuestDbStore;
let series: CandleSeries;
let symbols = 0;

beforeAll(async () => {
  database = await startTestDatabase();
  other = new QuestDbStore(database.address);
});

afterAll(async () => {
  await other.close();
  await database.close();
});

beforeEach(() => {
  series = candleSeries(`TEST${++symbols}USDT`, '1m');
});

/** The coverage of one program of the workspace, and the series that it heard changes of. */
function program(store: CoverageStore) {
  const heard: string[] = [];
  const coverage = new CoverageService({
    store,
    cache: new CoverageCache(join(database.workspace, 'cache', 'coverage')),
    now: () => HOUR.to,
    nodeIdOf: seriesNodeId,
    onChange: (changed) => heard.push(seriesKey(changed)),
  });
  const spans = async () =>
    (await coverage.report(series, HOUR)).spans.map(({ verdict, bars }) => `${verdict} ${bars}`);
  return { coverage, heard, spans };
}

/** Writes minutes `[from, to)` of the hour, without waiting until they can be read. */
async function store(from: number, to: number): Promise<void> {
  const candles = createCandleColumns(to - from);
  candles.rows = to - from;
  for (let i = 0; i < candles.rows; i++) candles.openTime[i] = START + (from + i) * MINUTE_MS;
  await other.ensureCandleTable(series);
  const target = {
    table: tableName(series),
    nodeId: seriesNodeId(series),
    intervalSeconds: intervalSeconds(series.interval),
  };
  await other.writeLines(encodeCandleLines(candles, 0, candles.rows, target));
}

function answer(from: number, to: number): LedgerEntry {
  const range = { from: START + from * MINUTE_MS, to: START + to * MINUTE_MS };
  return {
    at: HOUR.to,
    key: seriesKey(series),
    source: 'rest',
    outcome: 'answered',
    range,
    rows: 0,
    absent: [range],
    evidence: 'asked in a test',
    jobId: 'test',
  };
}

describe("a person's word", () => {
  it('covers bars that are stored or explained, is lost on others, or cannot be taken back', async () => {
    const own = program(database.store);
    await store(0, 20);
    await other.settle(series);
    await own.coverage.recordAnswers([answer(20, 25)], new Map([[seriesKey(series), series]]));
    await own.coverage.catchUp();
    const late = { from: START + 10 * MINUTE_MS, to: START + 40 * MINUTE_MS };
    // The clock of whoever says so is behind the ledger's newest entry.
    expect(await acceptGap(own.coverage, series, late, 'maintenance, says the newsletter', HOUR.to - 1_000)).toBe(15);
    expect(await own.spans()).toEqual(['present 20', 'confirmed_absent 20', 'not_asked 20']);
    const beside = program(other);
    expect(await beside.spans()).toEqual(['present 20', 'confirmed_absent 20', 'not_asked 20']);
    const { span } = await beside.coverage.explain(series, late.to - 1);
    expect(span.evidence[0]).toMatch(/^Accepted as explained on 2024-.* UTC: maintenance, says the newsletter$/);
    expect((await beside.coverage.wanted(series, HOUR)).wanted).toEqual([{ from: late.to, to: HOUR.to }]);
    await expect(acceptGap(own.coverage, series, late, 'again', HOUR.to)).rejects.toThrow(/no unexplained bar/);

    const half = { from: START + 30 * MINUTE_MS, to: HOUR.to };
    expect(await withdrawGap(beside.coverage, series, half, HOUR.to - 5_000)).toBe(10);
    await own.coverage.catchUp();
    expect(await own.spans()).toEqual(['present 20', 'confirmed_absent 10', 'not_asked 30']);
    await expect(withdrawGap(own.coverage, series, half, HOUR.to)).rejects.toThrow(/was accepted as explained/);
  });
});

describe('coverage beside another program', () => {
  it('never shows what the other stored or asked, or tells of changes where there are none', async () => {
    const own = program(database.store);
    expect(await own.spans()).toEqual(['not_asked 60']);
    await store(0, 20);
    await own.coverage.catchUp();
    expect(await own.spans()).toEqual(['present 20', 'not_asked 40']);
    await other.ledgerAppend([answer(20, 30)]);
    await own.coverage.catchUp();
    expect(await own.spans()).toEqual(['present 20', 'confirmed_absent 10', 'not_asked 30']);
    const heard = own.heard.length;
    await own.coverage.catchUp();
    expect(own.heard).toHaveLength(heard);
    await other.query(`DROP TABLE "${tableName(series)}"`);
    await own.coverage.catchUp();
    expect((await own.spans())[0]).not.toMatch(/present/);
  });

  it('counts its own answers twice when it meets them in the ledger again', async () => {
    const own = program(database.store);
    await own.coverage.recordAnswers([answer(0, 10)], new Map([[seriesKey(series), series]]));
    await own.coverage.catchUp();
    const { span } = await own.coverage.explain(series, START);
    expect([span.verdict, span.bars, span.evidence]).toEqual(['confirmed_absent', 10, ['asked in a test']]);
  });

  it('remembers content that lacks acknowledged rows, so that the next start shows holes', async () => {
    for (let round = 0; round < 5; round++) {
      await store(round * 10, round * 10 + 10);
      // A program that starts in this very moment.
      expect((await program(database.store).spans())[0]).toBe(`present ${round * 10 + 10}`);
    }
    expect(await program(other).spans()).toEqual(['present 50', 'not_asked 10']);
  });

  it('cannot start, or remembers half, when a table cannot take its rows', async () => {
    await store(0, 10);
    await other.settle(series);
    await other.query(`ALTER TABLE "${tableName(series)}" SUSPEND WAL`);
    await store(10, 20);
    const stuck: CoverageStore = {
      content: (...asked) => other.content(...asked),
      contentVersion: (...asked) => other.contentVersion(...asked),
      lastTradedCandle: (...asked) => other.lastTradedCandle(...asked),
      tradesAround: (...asked) => other.tradesAround(...asked),
      countFlat: (...asked) => other.countFlat(...asked),
      ledgerAppend: (...asked) => other.ledgerAppend(...asked),
      ledgerCounts: () => other.ledgerCounts(),
      ledgerRead: (...asked) => other.ledgerRead(...asked),
      settle: async () => {
        throw new AppError('questdb.suspended', 'The disk is full.');
      },
      tablesOverview: () => other.tablesOverview(),
      tableVersions: () => other.tableVersions(),
      tradeParts: (...asked) => other.tradeParts(...asked),
    };
    expect((await program(stuck).spans())[0]).toBe('present 10');
    // A store resumes the table once; what was shown meanwhile must not have been kept for this version.
    expect((await program(database.store).spans())[0]).toBe('present 20');
  });
});

describe('one candle more', () => {
  it('touches the other series, or reads a table', async () => {
    await store(0, 10);
    const one = series;
    const all = [one, ...Array.from({ length: 20 }, (_, n) => candleSeries(`OTHER${n}USDT`, '1m'))];
    const reads: string[] = [];
    const counting = new Proxy(other, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...asked: unknown[]) => {
          reads.push(String(name));
          return (member as (...list: unknown[]) => unknown).apply(target, asked);
        };
      },
    });
    const own = program(counting);
    await own.coverage.preload(all);
    const before = await Promise.all(all.map((each) => own.coverage.summary(each)));
    reads.length = 0;
    own.heard.length = 0;
    const bar = { from: START + 10 * MINUTE_MS, to: START + 11 * MINUTE_MS };
    await own.coverage.noteStored(one, { bars: [bar], flat: 0 });
    expect(own.heard).toEqual([seriesKey(one)]);
    const after = await Promise.all(all.map((each) => own.coverage.summary(each)));
    expect(after[0]).toMatchObject({ bars: 11, last: bar.from, revision: before[0]!.revision + 1 });
    expect(after.slice(1)).toEqual(before.slice(1));
    expect(reads).toEqual([]);
  });
});
