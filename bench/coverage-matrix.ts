import { join } from 'node:path';
import { candleSeries, tableName } from '@shared/market';
import { ContentAudit } from '../src-main/core';
import { CoverageCache, CoverageService } from '../src-main/coverage';
import { QuestDbStore, seriesNodeId } from '../src-main/questdb';
import { type BenchDatabase, openBenchDatabase } from './database';
import { ENTRIES, fillLedger, fillTables, MATRIX_SERIES, NOW } from './matrix-ledger';
import { type Figure, type Measure, type MeasureContext, median, timed, withNoise } from './measure';

const ROUNDS = 3;
const AUDITED = 100;
const YEAR_FROM = Date.UTC(2023, 0, 1);
const MINUTES_OF_YEAR = 365 * 1_440;

export const coverageMatrix: Measure = {
  name: 'coverage-matrix',
  how:
    `A ledger of 500 symbols in 8 intervals over 8 years (${MATRIX_SERIES.length} series with a table each, ${ENTRIES} answers), and the cache of an earlier ` +
    'program. Start: a new coverage service loads all models, which the core does before it says that it is up; list and read are what the window asks then ' +
    '(`series.list`, `coverage.read` of all). Floor in the same rounds: SELECT * of the same ledger through the same client. Audit: the daily look of app and `serve` at what the tables hold.',
  async run(context) {
    const database = await openBenchDatabase(context.scratch);
    try {
      const audited = await contentAudit(database, context);
      return [...(await coldStart(database, context)), ...audited];
    } finally {
      await database.close();
    }
  },
};

/** Tables of a year of minutes are held against what is remembered of them. */
async function contentAudit({ store }: BenchDatabase, { scratch, log }: MeasureContext): Promise<Figure[]> {
  const series = Array.from({ length: AUDITED }, (_, n) => candleSeries(`A${n}USDT`, '1m'));
  const filled = await timed(async () => {
    for (const each of series) {
      await store.ensureCandleTable(each);
      await store.query(
        `INSERT INTO "${tableName(each)}" SELECT timestamp_sequence('${new Date(YEAR_FROM).toISOString()}', 60000000L), '${seriesNodeId(each)}', 60,
          ${YEAR_FROM / 1000} + x * 60, 1.5, 2.5, 0.5, 1.75, x, x, x, x, x FROM long_sequence(${MINUTES_OF_YEAR})`,
      );
    }
    for (const each of series) await store.settle(each);
  });
  log(`${AUDITED} tables of ${MINUTES_OF_YEAR} rows in ${filled.ms.toFixed(0)} ms`);
  const coverage = new CoverageService({
    store,
    cache: new CoverageCache(join(scratch, 'audit')),
    now: () => NOW,
    nodeIdOf: seriesNodeId,
  });
  await coverage.preload(series);
  const audits: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const audit = new ContentAudit({
      coverage,
      backfill: { running: 0 },
      store,
      series: () => series,
      file: join(scratch, `audit-${round}`),
      now: () => NOW,
    });
    const floor = await timed(async () => {
      for (const each of series)
        await store.query(`SELECT count(), min(timestamp), max(timestamp) FROM "${tableName(each)}"`);
    });
    const done = await timed(() => audit.look());
    if (done.result !== 0) throw new Error(`the audit made ${done.result} findings of sound tables`);
    log(`audit ${done.ms.toFixed(0)} ms, floor ${floor.ms.toFixed(0)} ms`);
    if (round === 0) continue;
    audits.push(done.ms);
    floors.push(floor.ms);
  }
  return [
    {
      name: `content audit of ${AUDITED} tables of a year of minutes`,
      value: withNoise(audits, 0, ' ms'),
      goal: 'under 5 s',
      met: median(audits) < 5_000,
    },
    {
      name: 'the same, as a multiple of count, min and max of each table',
      value: withNoise(
        audits.map((ms, i) => ms / floors[i]!),
        1,
      ),
      goal: '',
      met: null,
    },
  ];
}

async function coldStart({ address, store }: BenchDatabase, { scratch, log }: MeasureContext): Promise<Figure[]> {
  const folder = join(scratch, 'cache');
  const tables = await timed(() => fillTables(store, new CoverageCache(folder)));
  const ledger = await timed(() => fillLedger(store));
  log(`${MATRIX_SERIES.length} tables in ${tables.ms.toFixed(0)} ms, ${ENTRIES} answers in ${ledger.ms.toFixed(0)} ms`);
  const floors: number[] = [];
  const starts: number[] = [];
  const lists: number[] = [];
  const reads: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const own = new QuestDbStore(address);
    try {
      const floor = await timed(() => own.query('SELECT * FROM tapemend_ledger'));
      if (floor.result.length !== ENTRIES) throw new Error(`the ledger has ${floor.result.length} answers`);
      floor.result.length = 0;
      const coverage = new CoverageService({
        store: own,
        cache: new CoverageCache(folder),
        now: () => NOW,
        nodeIdOf: seriesNodeId,
      });
      const start = await timed(() => coverage.preload(MATRIX_SERIES));
      const list = await timed(() => Promise.all(MATRIX_SERIES.map((series) => coverage.summary(series))));
      const read = await timed(() => Promise.all(MATRIX_SERIES.map((series) => coverage.report(series))));
      const spans = read.result.reduce((sum, report) => sum + report.spans.length, 0);
      log(
        `${round === 0 ? 'warm-up' : `round ${round}`}: floor ${floor.ms.toFixed(0)} ms, start ${start.ms.toFixed(0)} ms, list ${list.ms.toFixed(0)} ms, read ${read.ms.toFixed(0)} ms, ${spans} spans, heap ${(process.memoryUsage().heapUsed / 2 ** 20).toFixed(0)} MB`,
      );
      if (round === 0) continue;
      floors.push(floor.ms);
      starts.push(start.ms);
      lists.push(list.ms);
      reads.push(read.ms);
    } finally {
      await own.close();
    }
  }
  const answers = lists.map((ms, i) => ms + reads[i]!);
  return [
    {
      name: 'list and coverage of all after the core is up',
      value: withNoise(answers, 0, ' ms'),
      goal: 'under 1 s',
      met: median(answers) < 1_000,
    },
    {
      name: 'start: all models loaded',
      value: `${withNoise(starts, 0, ' ms')}; the floor takes ${withNoise(floors, 0, ' ms')}`,
      goal: '',
      met: null,
    },
    {
      name: 'start as a multiple of the floor',
      value: withNoise(
        starts.map((ms, i) => ms / floors[i]!),
        2,
      ),
      goal: '',
      met: null,
    },
  ];
}
