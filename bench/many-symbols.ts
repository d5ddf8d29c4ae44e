import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf, launchPracticeExchange } from '../src-main/practice';
import { BuiltCore, type CommandRun } from './built-core';
import { openBenchDatabase } from './database';
import { pictureOf } from './flow-picture';
import { busyShare, type FlowSample, freePort, stepsOf, traceFlow, traceText, working } from './flow-trace';
import { type Figure, type Measure, median, timed, withNoise } from './measure';
import { archiveCeiling, type Ceiling } from './practice-ceiling';

const SYMBOLS = Number(process.env.BENCH_SYMBOLS ?? 100);
const RUNS = Number(process.env.BENCH_PAIRS ?? 3);
const LATENCY_MS = 20;
/** June of 2025 is over, and its monthly files come on the first Monday of July, a day later. */
const NOW = Date.UTC(2025, 6, 6, 12);
const DAYS = 30;
const OUT = join(import.meta.dirname, 'out');

interface Receipt {
  status: string;
  durationMs: number;
  requests: number;
  bytes: number;
  series: { stored: number; sources: Record<string, number> }[];
}

interface Run {
  command: CommandRun;
  receipt: Receipt;
  samples: FlowSample[];
  rows: number;
  /** Processor time of the database, 0 where it cannot be told. */
  databaseMs: number;
}

export const manySymbols: Measure = {
  name: 'many-symbols',
  how:
    `The built command line backfills June 2025 of ${SYMBOLS} symbols, 1m, a day or two before its monthly files are there: ${SYMBOLS * DAYS} daily archives ` +
    `with their CHECKSUMs from the practice exchange (made beforehand), each answer ${LATENCY_MS} ms late. The process’s own metrics are read four times a second: ` +
    'shares of the time from the first download to the last write. Reading: the ingest threads have a file. Writing: a request to QuestDB is under way; its ' +
    'idle share is the time in which the sink had nothing although work remained. The trace of the last run is bench/out/many-symbols.txt and .svg. Exchange, database and core share the processors.',
  async run({ scratch, log }) {
    const names = Array.from({ length: SYMBOLS }, (_, index) => `BENCH${String(index).padStart(3, '0')}USDT`);
    const practice = await launchPracticeExchange({
      clockSkewMs: NOW - Date.now(),
      latencyMs: LATENCY_MS,
      extraSymbols: names,
      archiveCacheBytes: SYMBOLS * DAYS * 160 * 1024,
      // A month of REST is never asked for here.
      weightLimit: 1_000_000,
    });
    try {
      const core = await BuiltCore.provide(scratch);
      log(`making ${SYMBOLS * DAYS} archives`);
      const making = await timed(() => archiveCeiling(practice.archiveUrl, keysOf(names)));
      const ceiling = await archiveCeiling(practice.archiveUrl, keysOf(names));
      log(`made in ${(making.ms / 1000).toFixed(1)} s`);
      const runs: Run[] = [];
      for (let round = 0; round < RUNS; round++) {
        const own = join(scratch, `round-${round}`);
        mkdirSync(own);
        const run = await backfillOnce(core, names, practice, own);
        const window = working(run.samples);
        log(
          `run ${round + 1}: ${(run.receipt.durationMs / 1000).toFixed(2)} s (${run.receipt.status}, ${run.rows} rows, ${run.receipt.requests} requests), ` +
            `reading ${share(busyShare(window, 'ingest'))}, writing ${share(busyShare(window, 'write'))}, downloading ${share(busyShare(window, 'download'))}, core ${Math.round(run.command.peakBytes / 1e6)} MB, ${(run.command.cpuMs / 1000).toFixed(1)} s of processor, database ${(run.databaseMs / 1000).toFixed(1)} s`,
        );
        runs.push(run);
      }
      keepTrace(runs.at(-1)!);
      return figuresOf(runs, ceiling);
    } finally {
      await practice.close();
    }
  },
};

async function backfillOnce(
  core: BuiltCore,
  names: readonly string[],
  practice: { restUrl: string; streamUrl: string; archiveUrl: string; archiveListUrl: string },
  scratch: string,
): Promise<Run> {
  const database = await openBenchDatabase(scratch);
  try {
    const port = await freePort();
    const env = {
      ...database.env,
      ...environmentOf(practice),
    };
    const args = ['--interval', '1m', '--from', '2025-06-01', '--to', '2025-07-01', '--metrics-port', String(port)];
    const running = core.run(['backfill', ...names, ...args], env, process.env.BENCH_NODE_OPTIONS?.split(' '));
    const before = database.cpuMs();
    const samples = await traceFlow(port, running);
    const command = await running;
    const databaseMs = database.cpuMs() - before;
    const receipt = command.document as Receipt;
    const rows = receipt.series.reduce((sum, { stored }) => sum + stored, 0);
    const files = receipt.series.reduce((sum, { sources }) => sum + (sources.archiveDaily ?? 0), 0);
    if (rows !== names.length * DAYS * 1440 || files !== names.length * DAYS)
      throw new Error(`${rows} rows came from ${files} daily archives (${receipt.status})`);
    return { command, receipt, samples, rows, databaseMs };
  } finally {
    await database.close();
  }
}

function keysOf(names: readonly string[]): string[] {
  return names.flatMap((name) =>
    Array.from({ length: DAYS }, (_, day) => {
      const date = `2025-06-${String(day + 1).padStart(2, '0')}`;
      return `data/spot/daily/klines/${name}/1m/${name}-1m-${date}.zip`;
    }),
  );
}

function keepTrace({ samples, receipt }: Run): void {
  const steps = stepsOf(working(samples));
  mkdirSync(OUT, { recursive: true });
  writeFileSync(join(OUT, 'many-symbols.txt'), `${traceText(steps)}\n`);
  const title = `${SYMBOLS} symbols, June 2025, 1m from daily archives: ${(receipt.durationMs / 1000).toFixed(1)} s`;
  writeFileSync(join(OUT, 'many-symbols.svg'), pictureOf(steps, title));
  console.error(traceText(steps));
}

function figuresOf(runs: readonly Run[], ceiling: Ceiling): Figure[] {
  const told = { goal: '', met: null };
  const windows = runs.map(({ samples }) => working(samples));
  const seconds = runs.map(({ receipt }) => receipt.durationMs / 1000);
  const reading = windows.map((window) => busyShare(window, 'ingest'));
  const writing = windows.map((window) => busyShare(window, 'write'));
  const busier = reading.map((part, run) => Math.max(part, writing[run]!));
  const longestIdle = windows.map(longestIdleMs);
  const filesPerSecond = (SYMBOLS * DAYS) / median(seconds);
  const peaks = runs.map(({ command }) => command.peakBytes / 1e6);
  const writes = runs.map(({ rows, samples }) => rows / Math.max(1, samples.at(-1)?.writes ?? 0));
  return [
    {
      name: `backfill of ${SYMBOLS * DAYS} files`,
      value: `${withNoise(seconds, 1, ' s')}; ${Math.round(filesPerSecond)} files/s, ${Math.round(runs[0]!.rows / median(seconds) / 1000)} k rows/s`,
      ...told,
    },
    {
      name: 'busier of reading and writing',
      value: withNoise(busier, 2),
      goal: 'at least 0.9: no stage but these two is the bound',
      met: median(busier) >= 0.9,
    },
    { name: 'share of time in which the ingest threads had a file', value: withNoise(reading, 2), ...told },
    {
      name: 'share of time in which the sink had nothing although work remained',
      value: withNoise(
        writing.map((part) => 1 - part),
        2,
      ),
      ...told,
    },
    {
      name: 'longest time in which it had nothing',
      value: withNoise(longestIdle, 0, ' ms'),
      goal: 'under 1000 ms',
      met: Math.max(...longestIdle) < 1000,
    },
    { name: 'rows a request to QuestDB', value: withNoise(writes, 0), ...told },
    {
      name: 'processor time of the core, and of the database',
      value: `${withNoise(
        runs.map(({ command }) => command.cpuMs / 1000),
        1,
        ' s',
      )}; ${withNoise(
        runs.map(({ databaseMs }) => databaseMs / 1000),
        1,
        ' s',
      )}`,
      ...told,
    },
    {
      name: 'core memory, most',
      value: withNoise(peaks, 0, ' MB'),
      goal: 'under 400 MB',
      met: Math.max(...peaks) < 400,
    },
    {
      name: 'the exchange’s own ceiling',
      value: `${(ceiling.requestsPerSecond / filesPerSecond).toFixed(1)} times above (${Math.round(ceiling.requestsPerSecond)} files/s with their CHECKSUMs, alone on the machine, ${LATENCY_MS} ms late over 32 connections)`,
      ...told,
    },
  ];
}

/** Steps in which a write was under way for less than a tenth of the time, one behind the other. */
function longestIdleMs(window: readonly FlowSample[]): number {
  let longest = 0;
  let idle = 0;
  // Before the first rows are read there is nothing to write.
  const steps = stepsOf(window);
  const first = steps.findIndex(({ writeBusy }) => writeBusy > 0);
  for (const { ms, writeBusy } of steps.slice(Math.max(0, first))) {
    idle = writeBusy < 0.1 ? idle + ms : 0;
    longest = Math.max(longest, idle);
  }
  return longest;
}

function share(part: number): string {
  return `${(100 * part).toFixed(0)} %`;
}
