import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { candleSeries, createCandleColumns, intervalSeconds, MINUTE_MS, seriesKey, tableName } from '@shared/market';
import { CoverageCache, CoverageService } from '../src-main/coverage';
import { streamNodeId } from '../src-main/dag';
import { encodeCandleLines, type QuestDbStore, seriesNodeId } from '../src-main/questdb';
import { openBenchDatabase } from './database';
import { type Figure, type Measure, type MeasureContext, median, timed, withNoise } from './measure';

const SERIES = candleSeries('BTCUSDT', '1m');
const FROM = Date.UTC(2019, 0, 1);
const ROWS = 3_000_000;
const ROWS_PER_BODY = 50_000;
const HOLES = 300;
const ROUNDS = 7;

export const coverage: Measure = {
  name: 'coverage',
  how:
    `A table of ${ROWS / 1e6} million 1m rows with ${HOLES} holes. Scan: a coverage service without a cache derives the spans from the table’s content. ` +
    'Floors in the same rounds, over the same PG wire: count, min and max of the stream’s own rows (a scan of the columns that the ' +
    'product’s condition reads), and the plainest query that finds holes, lag() over the time column alone. Reopened: a new service on ' +
    'the cache that the first one left; statements that read the table’s content are counted.',
  async run(context) {
    const database = await openBenchDatabase(context.scratch);
    try {
      await fillTable(database.store, context);
      return await measure(database.store, context);
    } finally {
      await database.close();
    }
  },
};

async function fillTable(store: QuestDbStore, { log }: MeasureContext): Promise<void> {
  log(`writing ${ROWS} rows`);
  await store.ensureCandleTable(SERIES);
  const target = {
    table: tableName(SERIES),
    nodeId: streamNodeId(SERIES),
    intervalSeconds: intervalSeconds(SERIES.interval),
  };
  const writer = store.openWriter();
  const candles = createCandleColumns(ROWS_PER_BODY);
  candles.rows = ROWS_PER_BODY;
  const rowsPerHole = Math.floor(ROWS / (HOLES + 1));
  for (let first = 0; first < ROWS; first += ROWS_PER_BODY) {
    for (let i = 0; i < ROWS_PER_BODY; i++) {
      // A hole is one to seven bars wide; none behind the last rows.
      const holes = Math.min(HOLES, Math.floor((first + i) / rowsPerHole));
      candles.openTime[i] = FROM + (first + i + holes * 4 + (holes % 3)) * MINUTE_MS;
      const price = 40_000 + ((first + i) % 997);
      candles.open[i] = price;
      candles.high[i] = price + 7.25;
      candles.low[i] = price - 6.5;
      candles.close[i] = price + 1.01;
      candles.volume[i] = 3.123;
      candles.quoteVolume[i] = price * 3.123;
      candles.trades[i] = 100 + (i % 50);
      candles.takerBase[i] = 1.5;
      candles.takerQuote[i] = price * 1.5;
    }
    await writer.writeLines(encodeCandleLines(candles, 0, ROWS_PER_BODY, target));
  }
  writer.close();
  await store.settle(SERIES);
}

async function measure(store: QuestDbStore, { scratch, log }: MeasureContext): Promise<Figure[]> {
  const table = `"${tableName(SERIES)}"`;
  const own = `node_id = '${streamNodeId(SERIES)}' AND interval = ${intervalSeconds(SERIES.interval)}`;
  const scans: number[] = [];
  const counts: number[] = [];
  const lags: number[] = [];
  const reopened: number[] = [];
  const statements: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const folder = mkdtempSync(join(scratch, 'coverage-'));
    const count = await timed(() =>
      store.query(`SELECT count(), min(timestamp), max(timestamp) FROM ${table} WHERE ${own}`),
    );
    const scan = await timed(() => reportOf(store, folder));
    const lag = await timed(() =>
      store.query(
        `SELECT count() FROM (SELECT timestamp, lag(timestamp) OVER (ORDER BY timestamp) AS previous FROM ${table}) WHERE timestamp - previous <> 60000000`,
      ),
    );
    const again = await timed(() => reportOf(store, folder));
    if (scan.result.bars !== ROWS || scan.result.holes !== HOLES)
      throw new Error(`coverage found ${scan.result.bars} bars and ${scan.result.holes} holes`);
    if (again.result.spans !== scan.result.spans) throw new Error('the reopened coverage differs');
    log(
      `${round === 0 ? 'warm-up' : `round ${round}`}: scan ${scan.ms.toFixed(0)} ms, count ${count.ms.toFixed(0)} ms, lag ${lag.ms.toFixed(0)} ms, reopened ${again.ms.toFixed(0)} ms`,
    );
    if (round === 0) continue;
    scans.push(scan.ms);
    counts.push(count.ms);
    lags.push(lag.ms);
    reopened.push(again.ms);
    statements.push(again.result.contentReads);
  }
  const over = (floor: readonly number[]) => scans.map((ms, i) => ms / floor[i]!);
  return [
    {
      name: 'coverage from content',
      value: withNoise(scans, 0, ' ms'),
      goal: 'under 500 ms',
      met: median(scans) < 500,
    },
    {
      name: 'the same, as a multiple of count, min and max of the stream’s rows',
      value: `${withNoise(over(counts), 1)}; the floor takes ${withNoise(counts, 0, ' ms')}`,
      goal: '',
      met: null,
    },
    {
      name: 'the same, as a multiple of lag() over the time column',
      value: `${withNoise(over(lags), 1)}; the floor takes ${withNoise(lags, 0, ' ms')}`,
      goal: '',
      met: null,
    },
    {
      name: 'reads of the table’s content when reopened',
      value: String(Math.max(...statements)),
      goal: '0',
      met: Math.max(...statements) === 0,
    },
    {
      name: 'coverage when reopened',
      value: `${withNoise(reopened, 0, ' ms')}, ${withNoise(
        scans.map((ms, i) => ms / reopened[i]!),
        1,
      )} times as fast as the scan`,
      goal: '',
      met: null,
    },
  ];
}

/** A service as a newly opened program has it: nothing in memory, the cache of its workspace on disk. */
async function reportOf(store: QuestDbStore, folder: string) {
  let contentReads = 0;
  const counting = new Proxy(store, {
    get(target, name) {
      if (name === 'content') contentReads++;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
  const service = new CoverageService({
    store: counting,
    cache: new CoverageCache(folder),
    now: () => FROM + (ROWS + 10_000) * MINUTE_MS,
    nodeIdOf: seriesNodeId,
  });
  const report = await service.report(SERIES);
  const present = report.spans.filter((span) => span.verdict === 'present');
  if (report.key !== seriesKey(SERIES)) throw new Error(`coverage answered for ${report.key}`);
  return { bars: report.bars, holes: present.length - 1, spans: JSON.stringify(report.spans), contentReads };
}
