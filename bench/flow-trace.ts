import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FLOW_STAGES, type FlowStage } from '../src-main/metrics';

/** What `/metrics` of a running backfill said at one moment. */
export interface FlowSample {
  /** ms since the trace began. */
  at: number;
  underWay: Record<FlowStage, number>;
  /** Seconds in which anything was under way, so far. */
  busy: Record<FlowStage, number>;
  heldBytes: number;
  /** Rows written and read back, so far. */
  rows: number;
  /** Line-protocol requests that were answered, so far. */
  writes: number;
}

const EVERY_MS = 250;

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

/** Asks four times a second until `ended` settles; moments before the first and after the last answer are left out. */
export async function traceFlow(port: number, ended: Promise<unknown>): Promise<FlowSample[]> {
  const samples: FlowSample[] = [];
  const started = performance.now();
  const over = ended.then(
    () => true,
    () => true,
  );
  for (let next = EVERY_MS; ; next += EVERY_MS) {
    const wait = delay(Math.max(0, started + next - performance.now())).then(() => false);
    if (await Promise.race([over, wait])) return samples;
    const text = await fetch(`http://127.0.0.1:${port}/metrics`)
      .then((reply) => reply.text())
      .catch(() => null);
    if (text !== null) samples.push({ at: performance.now() - started, ...readFlow(text) });
  }
}

function readFlow(text: string): Omit<FlowSample, 'at'> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const space = line.lastIndexOf(' ');
    if (line.startsWith('tapemend_')) values.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  const perStage = (name: string) =>
    Object.fromEntries(FLOW_STAGES.map((stage) => [stage, values.get(`${name}{stage="${stage}"}`) ?? 0])) as Record<
      FlowStage,
      number
    >;
  return {
    underWay: perStage('tapemend_flow_under_way'),
    busy: perStage('tapemend_flow_busy_seconds_total'),
    heldBytes: values.get('tapemend_flow_held_bytes') ?? 0,
    rows: values.get('tapemend_rows_written_total') ?? 0,
    writes: values.get('tapemend_database_seconds_count{operation="write"}') ?? 0,
  };
}

/** The samples from the first fetch to the last write: before, a job is made; after, its receipt. */
export function working(samples: readonly FlowSample[]): FlowSample[] {
  const first = samples.findIndex(({ busy }) => busy.download + busy.rest > 0);
  const total = samples.at(-1)?.busy.write ?? 0;
  const last = samples.findIndex(({ busy }) => busy.write === total);
  return first < 0 ? [] : samples.slice(Math.max(0, first - 1), last + 1);
}

/** Share of the time in which anything was under way at a stage, 0 to 1. */
export function busyShare(samples: readonly FlowSample[], stage: FlowStage): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at === first.at) return 0;
  return Math.min(1, ((last.busy[stage] - first.busy[stage]) * 1000) / (last.at - first.at));
}

export interface FlowStep {
  at: number;
  ms: number;
  downloads: number;
  rest: number;
  heldMB: number;
  ingestBusy: number;
  writeBusy: number;
  rowsPerSecond: number;
}

/** What happened between each two samples. */
export function stepsOf(samples: readonly FlowSample[]): FlowStep[] {
  return samples.slice(1).map((sample, index) => {
    const before = samples[index]!;
    const pair = [before, sample];
    const ms = sample.at - before.at;
    return {
      at: sample.at,
      ms,
      downloads: sample.underWay.download,
      rest: sample.underWay.rest,
      heldMB: sample.heldBytes / 1e6,
      ingestBusy: busyShare(pair, 'ingest'),
      writeBusy: busyShare(pair, 'write'),
      rowsPerSecond: ((sample.rows - before.rows) * 1000) / ms,
    };
  });
}

export function traceText(steps: readonly FlowStep[]): string {
  const rows = steps.map(({ at, downloads, rest, heldMB, ingestBusy, writeBusy, rowsPerSecond }) =>
    [
      (at / 1000).toFixed(2),
      downloads,
      rest,
      heldMB.toFixed(1),
      percent(ingestBusy),
      percent(writeBusy),
      percent(1 - writeBusy),
      Math.round(rowsPerSecond / 1000),
    ]
      .map((cell) => String(cell).padStart(9))
      .join(' '),
  );
  const head = ['s', 'files', 'REST', 'MB held', 'read %', 'write %', 'idle %', 'k rows/s'];
  return [head.map((cell) => cell.padStart(9)).join(' '), ...rows].join('\n');
}

function percent(share: number): string {
  return (100 * share).toFixed(0);
}
