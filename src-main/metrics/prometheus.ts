import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import {
  type DatabaseOperation,
  FLOW_STAGES,
  type FlowMetrics,
  type JobMetrics,
  type RequestMetrics,
  type RequestOutcome,
  type RequestSource,
  type ServedMetrics,
  type WeightReading,
} from './events';
import { FlowBoard } from './flow-board';
import { ENDED, JobBoard } from './job-board';

const SOURCES: readonly RequestSource[] = ['rest:spot', 'rest:um', 'rest:cm', 'archive', 'archive_list'];
const OUTCOMES: readonly RequestOutcome[] = [
  'ok',
  'missing',
  'throttled',
  'refused',
  'failed',
  'unreachable',
  'cancelled',
];
const OPERATIONS: readonly DatabaseOperation[] = ['write', 'read', 'statement'];
const OPEN_STATES = ['queued', 'running', 'paused'];
/** From a statement on an idle server to a write that waited out a restart. */
const DATABASE_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The registry behind `/metrics` (CONTRACT §6). Labels come from closed lists, except `node_id` and `interval` of the
 * `backfill_…` metrics, which are per series: there are at most as many as series that this program has backfilled. Counters
 * with closed lists start at 0, so that the first event is a rise; those per series appear with their first event, as QMTL's.
 */
export class PrometheusMetrics implements ServedMetrics {
  readonly #registry = new Registry();
  readonly #jobs = new JobBoard();
  readonly #flow = new FlowBoard();
  #weights: () => readonly WeightReading[] = () => [];

  readonly #inProgress = this.#gauge('backfill_jobs_in_progress', 'Series ranges that are being backfilled now.');
  readonly #lastTimestamp = this.#gauge(
    'backfill_last_timestamp',
    'End of the last backfill of a series that left nothing missing, epoch seconds; interval in seconds.',
    ['node_id', 'interval'],
  );
  readonly #retries = this.#counter(
    'backfill_retry_total',
    'Failed tries of backfills of a series, the last one of a failed backfill included.',
    ['node_id', 'interval'],
  );
  readonly #failures = this.#counter(
    'backfill_failure_total',
    'Backfills of a series that ended with bars still missing.',
    ['node_id', 'interval'],
  );

  readonly #requests = this.#counter('tapemend_requests_total', 'Requests over HTTP, each try counted.', [
    'source',
    'outcome',
  ]);
  readonly #bytes = this.#counter('tapemend_received_bytes_total', 'Bytes of answers as they came over the wire.', [
    'source',
  ]);
  readonly #rows = this.#counter('tapemend_rows_written_total', 'Rows written and read back.');
  readonly #databaseSeconds = new Histogram({
    name: 'tapemend_database_seconds',
    help: 'Time that the database took to answer a write, to give a batch of rows, or for a statement.',
    labelNames: ['operation'],
    buckets: DATABASE_BUCKETS,
    registers: [this.#registry],
  });
  readonly #databaseErrors = this.#counter('tapemend_database_errors_total', 'Database operations that failed.', [
    'operation',
  ]);
  readonly #held = this.#gauge('tapemend_flow_held_bytes', 'Bytes of files and encoded rows set aside for pages.');
  readonly #ended = this.#counter('tapemend_jobs_ended_total', 'Jobs that ended, by their final state.', ['state']);

  constructor() {
    for (const source of SOURCES) {
      this.#bytes.inc({ source }, 0);
      for (const outcome of OUTCOMES) this.#requests.inc({ source, outcome }, 0);
    }
    for (const operation of OPERATIONS) {
      this.#databaseSeconds.zero({ operation });
      this.#databaseErrors.inc({ operation }, 0);
    }
    for (const state of ENDED) this.#ended.inc({ state }, 0);
    this.#observeJobs();
    this.#observeFlow();
    this.#observeWeights();
    collectDefaultMetrics({ register: this.#registry, prefix: 'tapemend_' });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  read(): Promise<string> {
    return this.#registry.metrics();
  }

  requestDone(...[source, outcome, bytes]: Parameters<RequestMetrics['requestDone']>): void {
    this.#requests.inc({ source, outcome });
    this.#bytes.inc({ source }, bytes);
  }

  databaseAnswered(operation: DatabaseOperation, seconds: number, isOk: boolean): void {
    this.#databaseSeconds.observe({ operation }, seconds);
    if (!isOk) this.#databaseErrors.inc({ operation });
  }

  rowsWritten(rows: number): void {
    this.#rows.inc(rows);
  }

  underWay(...[stage, change]: Parameters<FlowMetrics['underWay']>): void {
    this.#flow.change(stage, change);
  }

  bytesHeld(change: number): void {
    this.#held.inc(change);
  }

  jobProgressed(progress: Parameters<JobMetrics['jobProgressed']>[0]): void {
    const ended = this.#jobs.note(progress);
    if (ended !== null) this.#ended.inc({ state: ended });
  }

  jobsInProgress(change: 1 | -1): void {
    this.#inProgress.inc(change);
  }

  lastTimestamp(nodeId: string, interval: number, ts: number): void {
    this.#lastTimestamp.set({ node_id: nodeId, interval }, ts);
  }

  retry(nodeId: string, interval: number): void {
    this.#retries.inc({ node_id: nodeId, interval });
  }

  failure(nodeId: string, interval: number): void {
    this.#failures.inc({ node_id: nodeId, interval });
  }

  watchWeights(read: () => readonly WeightReading[]): void {
    this.#weights = read;
  }

  #observeJobs(): void {
    this.#gauge('tapemend_jobs', 'Open jobs by state.', ['state'], (gauge) => {
      const counts = this.#jobs.byState();
      gauge.reset();
      for (const state of new Set([...OPEN_STATES, ...counts.keys()])) gauge.set({ state }, counts.get(state) ?? 0);
    });
    this.#gauge('tapemend_queue_length', 'Jobs that wait for their turn.', [], (gauge) =>
      gauge.set(this.#jobs.byState().get('queued') ?? 0),
    );
    this.#gauge('tapemend_bars_left', 'Bars that open jobs have planned and not settled yet.', [], (gauge) =>
      gauge.set(this.#jobs.barsLeft()),
    );
  }

  #observeFlow(): void {
    const flow = this.#flow;
    this.#gauge('tapemend_flow_under_way', 'Pieces of work under way at a stage of backfills.', ['stage'], (gauge) => {
      for (const stage of FLOW_STAGES) gauge.set({ stage }, flow.underWay(stage));
    });
    new Counter({
      name: 'tapemend_flow_busy_seconds_total',
      help: 'Time in which at least one piece of work was under way at a stage of backfills.',
      labelNames: ['stage'],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const stage of FLOW_STAGES) this.inc({ stage }, flow.busySeconds(stage));
      },
    });
  }

  #observeWeights(): void {
    const perMarket = (name: string, help: string, of: (weight: WeightReading) => number): void => {
      this.#gauge(name, help, ['market'], (gauge) => {
        for (const weight of this.#weights()) gauge.set({ market: weight.market }, of(weight));
      });
    };
    perMarket('tapemend_weight_used', 'Request weight used in this minute by all at this address.', ({ used }) => used);
    perMarket('tapemend_weight_limit', "The exchange's limit of request weight a minute.", ({ limit }) => limit);
    perMarket('tapemend_weight_budget', 'The part of the limit that may be used.', ({ budget }) => budget);
    perMarket(
      'tapemend_exchange_blocked_seconds',
      'Seconds until requests may be sent again after a 429 or 418.',
      ({ blockedSeconds }) => blockedSeconds,
    );
  }

  #counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, labelNames: string[] = [], collect?: (gauge: Gauge) => void): Gauge {
    return new Gauge({
      name,
      help,
      labelNames,
      registers: [this.#registry],
      ...(collect
        ? {
            collect() {
              collect(this);
            },
          }
        : {}),
    });
  }
}
