import { candleSeries, tableName } from '@shared/market';
import { environmentOf, launchPracticeExchange } from '../src-main/practice';
import { keyOf, provideArchives } from './archive-files';
import { BuiltCore, type CommandRun } from './built-core';
import { type BenchDatabase, openBenchDatabase } from './database';
import { serveFiles } from './file-server';
import { type EncodedRows, encodeArchives, postBodies } from './floor';
import { type Figure, type Measure, median, timed, withNoise } from './measure';
import { archiveCeiling, type Ceiling } from './practice-ceiling';

const SYMBOL = 'BTCUSDT';
const YEARS = [2019, 2024] as const;
const SERIES = candleSeries(SYMBOL, '1m');
const FLOOR_SERIES = candleSeries('FLOORUSDT', '1m');
const PAIRS = Number(process.env.BENCH_PAIRS ?? 3);

/** The part of the receipt that is read here. */
interface Receipt {
  status: string;
  durationMs: number;
  requests: number;
  series: [{ stored: number; asked: number; sources: Record<string, number> }];
}

interface Floor {
  ms: number;
  /** Processor time of posting, in this process. */
  cpuMs: number;
}

interface Pair {
  /** Over one connection, and over two as the product writes. */
  floor: Floor;
  wideFloor: Floor;
  backfill: CommandRun;
  receipt: Receipt;
}

export const backfill: Measure = {
  name: 'backfill',
  how:
    `The built command line backfills six years of ${SYMBOL} 1m (72 monthly archives, from a plain file server on loopback) into a QuestDB of the run’s own: ` +
    'the receipt’s duration, that is plan, download, checksum, parsing, checks, writing, reading back, ledger and receipt. Floor: the same rows, already ' +
    'encoded, a month to a request as the product sends them, posted to the same QuestDB over one keep-alive connection until they can be read; the wider ' +
    'floor does it over two, which keeps two processors busy with the database alone and so leaves a backfill no room for reading the archives beside it. ' +
    'Interleaved after a round that warms the database up. Memory: high-water mark (VmHWM) of the process with the core; database, exchange and file server are outside of it.',
  async run({ cache, scratch, log }) {
    const files = await provideArchives(cache, SYMBOL, YEARS, log);
    const core = await BuiltCore.provide(scratch);
    const rows = await encodeArchives(files, tableName(FLOOR_SERIES));
    const archive = await serveFiles(files.folder);
    const ceiling = await archiveCeiling(
      archive.url,
      files.months.map((month) => keyOf(SYMBOL, month)),
    );
    const practice = await launchPracticeExchange();
    const database = await openBenchDatabase(scratch);
    try {
      const env = {
        ...database.env,
        ...environmentOf(practice),
        TAPEMEND_BINANCE_ARCHIVE_URL: archive.url,
      };
      const runBackfill = () => backfillOnce(core, database, env);
      const pairs: Pair[] = [];
      for (let round = 0; round <= PAIRS; round++) {
        // Each floor is measured before the backfill in every other round.
        const [first, second] = round % 2 === 0 ? ([1, 2] as const) : ([2, 1] as const);
        const early = await postFloor(database, rows, first);
        const run = await runBackfill();
        const late = await postFloor(database, rows, second);
        const [floor, wideFloor] = first === 1 ? [early, late] : [late, early];
        const receipt = run.document as Receipt;
        log(
          `${round === 0 ? 'warm-up' : `pair ${round}`}: floor ${(floor.ms / 1000).toFixed(2)} s, wider ${(wideFloor.ms / 1000).toFixed(2)} s, backfill ${(receipt.durationMs / 1000).toFixed(2)} s ` +
            `(${receipt.status}, ${receipt.series[0].stored} rows, process ${(run.wallMs / 1000).toFixed(2)} s, peak ${megabytes(run.peakBytes)} MB)`,
        );
        if (receipt.series[0].stored !== rows.rows)
          throw new Error(`the backfill stored ${receipt.series[0].stored} rows, the floor ${rows.rows}`);
        if (round > 0) pairs.push({ floor, wideFloor, backfill: run, receipt });
      }
      return [...figuresOf(pairs, rows), ceilingFigure(ceiling, files, pairs)];
    } finally {
      await database.close();
      await practice.close();
      await archive.close();
    }
  },
};

async function backfillOnce(
  core: BuiltCore,
  database: BenchDatabase,
  env: Record<string, string>,
): Promise<CommandRun> {
  // The ledger remembers what was asked: without it and the table, all is to do again.
  await database.drop(tableName(SERIES), 'tapemend_ledger');
  const [from, to] = [`${YEARS[0]}-01-01`, `${YEARS[1] + 1}-01-01`];
  return core.run(
    ['backfill', SYMBOL, '--interval', '1m', '--from', from, '--to', to],
    env,
    process.env.BENCH_NODE_OPTIONS?.split(' '),
  );
}

async function postFloor(
  { address, store, drop }: BenchDatabase,
  { bodies, rows }: EncodedRows,
  connections: number,
): Promise<Floor> {
  await drop(tableName(FLOOR_SERIES));
  await store.ensureCandleTable(FLOOR_SERIES);
  const before = process.cpuUsage();
  const { ms } = await timed(async () => {
    await postBodies(address, bodies, connections);
    await store.settle(FLOOR_SERIES);
  });
  const { user, system } = process.cpuUsage(before);
  const [counted] = await store.query<{ n: number }>(`SELECT count() n FROM "${tableName(FLOOR_SERIES)}"`);
  if (counted?.n !== rows) throw new Error(`of ${rows} rows of the floor ${counted?.n} are there`);
  return { ms, cpuMs: (user + system) / 1000 };
}

function figuresOf(pairs: readonly Pair[], { rows }: EncodedRows): Figure[] {
  const ratios = pairs.map(({ floor, receipt }) => floor.ms / receipt.durationMs);
  const wideRatios = pairs.map(({ wideFloor, receipt }) => wideFloor.ms / receipt.durationMs);
  const peaks = pairs.map(({ backfill: run }) => megabytes(run.peakBytes));
  const seconds = (values: readonly number[]) =>
    withNoise(
      values.map((ms) => ms / 1000),
      2,
      ' s',
    );
  const times = pairs.map(({ receipt }) => receipt.durationMs);
  const floors = pairs.map(({ floor }) => floor.ms);
  const wideFloors = pairs.map(({ wideFloor }) => wideFloor.ms);
  const rate = (ms: number) => `${Math.round(rows / ms)} k rows/s`;
  return [
    {
      name: 'floor / backfill',
      value: withNoise(ratios, 2),
      goal: 'at least 0.8',
      met: median(ratios) >= 0.8,
    },
    { name: 'wider floor / backfill', value: withNoise(wideRatios, 2), goal: '', met: null },
    { name: `backfill of ${rows} rows`, value: `${seconds(times)}, ${rate(median(times))}`, goal: '', met: null },
    { name: 'floor', value: `${seconds(floors)}, ${rate(median(floors))}`, goal: '', met: null },
    {
      name: 'wider floor',
      value: `${seconds(wideFloors)}, ${rate(median(wideFloors))}`,
      goal: '',
      met: null,
    },
    {
      name: 'processor time of the core, and of the floor’s client',
      value: `${seconds(pairs.map(({ backfill: run }) => run.cpuMs))}; ${seconds(pairs.map(({ floor }) => floor.cpuMs))}`,
      goal: '',
      met: null,
    },
    {
      name: 'core memory, most',
      value: withNoise(peaks, 0, ' MB'),
      goal: 'under 400 MB',
      met: Math.max(...peaks) < 400,
    },
  ];
}

function ceilingFigure(
  { requestsPerSecond }: Ceiling,
  { months }: { months: readonly unknown[] },
  pairs: readonly Pair[],
): Figure {
  const filesPerSecond = (months.length * 1000) / median(pairs.map(({ receipt }) => receipt.durationMs));
  return {
    name: 'the file server’s own ceiling',
    value: `${(requestsPerSecond / filesPerSecond).toFixed(1)} times above (${Math.round(requestsPerSecond)} files/s with their CHECKSUMs)`,
    goal: '',
    met: null,
  };
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}
