import type { CandleColumns } from '@shared/market';

/**
 * The history protocol of QMTL. Everything here counts in **integer epoch seconds, UTC**; `ts` is the open time of a bar.
 * Milliseconds (and `CandleColumns`) begin where a name says so.
 */

/** Inclusive range of bar opens, in seconds. */
export type SecondRange = readonly [first: number, last: number];

/** One bar: its open in seconds and the payload columns of its table (`open`, …, `quote_volume`, `taker_quote`). */
export interface HistoryRow {
  ts: number;
  [column: string]: unknown;
}

/** What a provider, recorder or fetcher may know about the stream it is bound to. */
export interface BoundStream {
  /** Node id, which is also the default table name. */
  readonly nodeId: string;
  /** Seconds of one bar; null while the stream has none. */
  readonly interval: number | null;
  /** For candle streams `{exchange, market, symbol, interval}`: see `seriesOfStreamConfig`. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface HistoryQuery {
  readonly nodeId: string;
  /** Seconds of one bar. */
  readonly interval: number;
  readonly signal?: AbortSignal;
}

/** Gets bars from where they come from (the exchange). */
export interface DataFetcher {
  /** Closed bars of the **inclusive** range, ascending, at most one per `ts`. */
  fetch(start: number, end: number, query: HistoryQuery): Promise<HistoryRow[]>;
  /** Told by the provider, so that a fetcher shared by several streams knows which node id means which series. */
  bindStream?(stream: BoundStream): void;
}

/** Reads stored bars and fills what is missing. */
export interface HistoryProvider {
  bindStream(stream: BoundStream): void;
  /** Stored bars of the **half-open** range `[start, end)`, ascending; null when the provider has no answer. */
  fetch(start: number, end: number, query: HistoryQuery): Promise<HistoryRow[] | null>;
  /** **Inclusive** runs of stored opens, each step exactly one interval. */
  coverage(query: HistoryQuery): Promise<SecondRange[]>;
  /** Makes the **inclusive** range present as far as its fetcher can; fails without a fetcher. */
  fillMissing(start: number, end: number, query: HistoryQuery): Promise<void>;
  /** Like `fetch`, in columns and batches: what a backtest over years reads through when a provider has it. */
  stream?(start: number, end: number, query: HistoryQuery): AsyncIterable<CandleColumns>;
}

/** Stores what flows through a stream. */
export interface EventRecorder {
  bindStream(stream: BoundStream): void;
  /** Resolves when the event is durable. `timestamp` in seconds, `payload` without `ts`. */
  persist(nodeId: string, interval: number, timestamp: number, payload: unknown): Promise<void>;
}

/** Names of the payload columns in tables and payloads, by field of `CandleColumns`. */
export const PAYLOAD_COLUMNS = {
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  quoteVolume: 'quote_volume',
  trades: 'trades',
  takerBase: 'taker_base',
  takerQuote: 'taker_quote',
} as const;

/** The payload of a candle as strategies see it: the table's columns without keys and times. */
export type CandlePayload = Record<(typeof PAYLOAD_COLUMNS)[keyof typeof PAYLOAD_COLUMNS], number>;

/** Payload of candle `index`. */
export function payloadAt(candles: CandleColumns, index: number): CandlePayload {
  return {
    open: candles.open[index]!,
    high: candles.high[index]!,
    low: candles.low[index]!,
    close: candles.close[index]!,
    volume: candles.volume[index]!,
    quote_volume: candles.quoteVolume[index]!,
    trades: candles.trades[index]!,
    taker_base: candles.takerBase[index]!,
    taker_quote: candles.takerQuote[index]!,
  };
}

const KEY_COLUMNS = new Set(['ts', 'timestamp', 'node_id', 'interval']);

/** The payload of a stored row: its columns without the table's keys. */
export function payloadOfRow(row: HistoryRow): Record<string, unknown> {
  const payload: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) if (!KEY_COLUMNS.has(column)) payload[column] = value;
  return payload;
}

/** Groups opens (ascending) into runs whose steps are exactly `interval`; a repeated open starts a new run. */
export function coverageRuns(opens: Iterable<number>, interval: number): SecondRange[] {
  const runs: SecondRange[] = [];
  let first: number | null = null;
  let last = 0;
  for (const open of opens) {
    if (first !== null && open !== last + interval) {
      runs.push([first, last]);
      first = null;
    }
    first ??= open;
    last = open;
  }
  if (first !== null) runs.push([first, last]);
  return runs;
}

/**
 * What `coverage` (inclusive runs, any order) lacks of the inclusive range `start..end`. Nothing is aligned: a gap begins one
 * interval after the run before it and ends one interval before the run behind it, inside the range.
 */
export function missingRanges(
  coverage: readonly SecondRange[],
  start: number,
  end: number,
  interval: number,
): SecondRange[] {
  const gaps: SecondRange[] = [];
  const addGap = (first: number, last: number): void => {
    if (first <= last) gaps.push([first, last]);
  };
  let cursor = start;
  for (const [first, last] of mergeRuns(coverage, interval)) {
    if (last < start) continue;
    if (first > end) break;
    if (first > cursor) addGap(cursor, Math.min(first - interval, end));
    cursor = Math.max(cursor, last + interval);
    if (cursor > end) break;
  }
  addGap(cursor, end);
  return gaps;
}

/** Sorts inclusive runs and joins those that overlap or follow within one interval. */
export function mergeRuns(runs: readonly SecondRange[], interval: number): SecondRange[] {
  const merged: [number, number][] = [];
  for (const [first, last] of [...runs].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const previous = merged[merged.length - 1];
    if (previous && first <= previous[1] + interval) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}
