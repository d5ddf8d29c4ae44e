import { AppError } from '@shared/contract';
import { type CandleColumns, SECOND_MS, sliceCandles } from '@shared/market';
import { type HistoryProvider, type HistoryQuery, missingRanges, payloadOfRow, type SecondRange } from './history';
import type { Node } from './node';
import { type Moment, type OnMissing, parseMoment, parseOnMissing } from './node-options';
import { Pipeline } from './pipeline';
import type { Strategy } from './strategy';
import type { StreamInput } from './stream-input';

export interface BacktestOptions {
  startTime: Moment;
  /** The bar that opens at this moment is replayed too. */
  endTime: Moment;
  onMissing?: OnMissing;
  signal?: AbortSignal;
  /** Results of computing nodes, one by one or in columns where a batch ran so. */
  onResult?: (node: Node, ts: number, result: unknown) => void;
  onCandles?: (node: Node, candles: CandleColumns) => void;
  /** Hears how the run went before `backtest` returns. */
  onReport?: (report: BacktestReport) => void;
}

export interface BacktestReport {
  /** Bars fed, over all streams. */
  bars: number;
  /** What stayed missing after each gap had been asked for, per stream; inclusive, in seconds. */
  knownHoles: { stream: StreamInput; ranges: SecondRange[] }[];
}

/** How many bars one read of a provider without `stream` asks for. */
const PAGE_BARS = 20_000;

/** Runs strategies. */
export const Runner = {
  /**
   * Makes history complete as far as possible, then feeds every stored bar with `startTime <= ts <= endTime` through the
   * strategy, in the order of time. Nothing replayed is recorded again. Returns the strategy.
   */
  async backtest<S extends Strategy>(strategyOrClass: S | (new () => S), options: BacktestOptions): Promise<S> {
    const start = parseMoment('startTime', options.startTime);
    const end = parseMoment('endTime', options.endTime);
    const onMissing = parseOnMissing(options.onMissing ?? 'skip');
    if (end < start) throw new AppError('usage.range', 'The backtest must end at or after its start.', { start, end });
    const strategy = typeof strategyOrClass === 'function' ? new strategyOrClass() : strategyOrClass;
    if (strategy.nodes.length === 0) strategy.setup();

    const streams = strategy.streams();
    const { signal } = options;
    const knownHoles = await Promise.all(
      streams.map(async (stream) => ({ stream, ranges: await ensureHistory(stream, start, end, signal) })),
    );
    const pipeline = new Pipeline(strategy.nodes, {
      rows: 'replay',
      ...(options.onResult && { onResult: options.onResult }),
      ...(options.onCandles && { onCandles: options.onCandles }),
    });
    const bars = await replayStreams(pipeline, streams, start, end, onMissing, signal);
    options.onReport?.({ bars, knownHoles: knownHoles.filter((each) => each.ranges.length > 0) });
    return strategy;
  },
};

/**
 * Asks the stream's provider once for each gap of the inclusive range and returns what is missing after that. Gaps that
 * nobody can fill do not hold a run up.
 */
export async function ensureHistory(
  stream: StreamInput,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<SecondRange[]> {
  const { historyProvider: provider, interval } = stream;
  if (provider === null || interval === null) return [];
  const query = queryOf(stream, interval, signal);
  const gaps = missingRanges(await provider.coverage(query), start, end, interval);
  for (const [first, last] of gaps) {
    signal?.throwIfAborted();
    await provider.fillMissing(first, last, query);
  }
  return gaps.length === 0 ? [] : missingRanges(await provider.coverage(query), start, end, interval);
}

/** Ascending bars of one stream, either in columns or as rows. */
interface Batch {
  rows: number;
  tsAt(index: number): number;
  feed(pipeline: Pipeline, stream: StreamInput, from: number, to: number, onMissing: OnMissing): void;
}

interface Lane {
  stream: StreamInput;
  batches: AsyncIterator<Batch>;
  batch: Batch | null;
  at: number;
}

async function replayStreams(
  pipeline: Pipeline,
  streams: readonly StreamInput[],
  start: number,
  end: number,
  onMissing: OnMissing,
  signal?: AbortSignal,
): Promise<number> {
  const lanes: Lane[] = [];
  let bars = 0;
  try {
    for (const stream of streams) {
      if (stream.historyProvider === null || stream.interval === null) continue;
      const query = queryOf(stream, stream.interval, signal);
      const batches = readBatches(stream.historyProvider, start, end, query)[Symbol.asyncIterator]();
      const lane = { stream, batches, batch: null, at: 0 };
      lanes.push(lane);
      await advance(lane);
    }
    for (;;) {
      signal?.throwIfAborted();
      const lane = earliest(lanes);
      if (!lane?.batch) return bars;
      const to = pipeline.runsInColumns(lane.stream) ? lane.batch.rows : endOfTurn(lane, lanes);
      lane.batch.feed(pipeline, lane.stream, lane.at, to, onMissing);
      bars += to - lane.at;
      lane.at = to;
      await advance(lane);
    }
  } finally {
    await Promise.all(lanes.map((lane) => lane.batches.return?.()));
  }
}

/** Steps to the next batch once the present one is used up. */
async function advance(lane: Lane): Promise<void> {
  while (lane.batch === null || lane.at >= lane.batch.rows) {
    const next = await lane.batches.next();
    lane.batch = next.done ? null : next.value;
    lane.at = 0;
    if (next.done) return;
  }
}

function nextTs(lane: Lane): number {
  return lane.batch?.tsAt(lane.at) ?? Number.POSITIVE_INFINITY;
}

/** The lane whose next bar is the oldest; of equal ones the first. */
function earliest(lanes: readonly Lane[]): Lane | null {
  let found: Lane | null = null;
  for (const lane of lanes) if (lane.batch && (found === null || nextTs(lane) < nextTs(found))) found = lane;
  return found;
}

/** How far a lane may go before another one is due. */
function endOfTurn(lane: Lane, lanes: readonly Lane[]): number {
  const { batch, at } = lane;
  if (!batch) return at;
  const position = lanes.indexOf(lane);
  let to = at + 1;
  const isDue = (other: Lane, index: number): boolean =>
    other !== lane && (index < position ? nextTs(other) <= batch.tsAt(to) : nextTs(other) < batch.tsAt(to));
  while (to < batch.rows && !lanes.some(isDue)) to++;
  return to;
}

async function* readBatches(
  provider: HistoryProvider,
  start: number,
  end: number,
  query: HistoryQuery,
): AsyncGenerator<Batch> {
  // Reading is half-open, and the bar that opens at `end` belongs to the run.
  if (provider.stream) {
    for await (const candles of provider.stream(start, end + 1, query)) yield batchOfCandles(candles);
    return;
  }
  const page = PAGE_BARS * query.interval;
  for (let from = start; from <= end; from += page) {
    const rows = (await provider.fetch(from, Math.min(from + page, end + 1), query)) ?? [];
    yield {
      rows: rows.length,
      tsAt: (index) => Number(rows[index]!.ts),
      feed: (pipeline, stream, first, last, onMissing) => {
        for (const row of rows.slice(first, last)) pipeline.feed(stream, Number(row.ts), payloadOfRow(row), onMissing);
      },
    };
  }
}

function batchOfCandles(candles: CandleColumns): Batch {
  return {
    rows: candles.rows,
    tsAt: (index) => candles.openTime[index]! / SECOND_MS,
    feed: (pipeline, stream, first, last, onMissing) =>
      pipeline.feedCandles(stream, sliceCandles(candles, first, last), onMissing),
  };
}

function queryOf(stream: StreamInput, interval: number, signal?: AbortSignal): HistoryQuery {
  return { nodeId: stream.nodeId, interval, ...(signal && { signal }) };
}
