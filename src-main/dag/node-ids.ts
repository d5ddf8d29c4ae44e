import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type CandleSeries, INTERVALS, intervalSeconds, isSymbol, MARKETS, type Market } from '@shared/market';
import { canonicalJsonV1 } from './canonical-json';
import { sha3Hex } from './sha3';

export { canonicalJsonV1, ForeignFloat } from './canonical-json';

/** The four things that enter a node id. Name, tags, inputs, interval and period do not. */
export interface NodeIdParts {
  /** Class name. */
  nodeType: string;
  codeHash: string;
  configHash: string;
  schemaHash: string;
}

/** SHA-256 of a function's source text; null for a node without a function. */
export function codeHash(source: string | null): string {
  return sha256Hex(source ?? 'null');
}

/** SHA-256 of the canonical text of a config or schema. */
export function canonicalHash(value: unknown): string {
  return sha256Hex(canonicalJsonV1(value));
}

/** Node id of QMTL's first form, 64 hex digits; SHA3-256 instead of SHA-256 when `taken` has that id already. */
export function nodeIdV1(parts: NodeIdParts, taken?: { has(id: string): boolean }): string {
  const preimage = `${parts.nodeType}:${parts.codeHash}:${parts.configHash}:${parts.schemaHash}`;
  const id = sha256Hex(preimage);
  return taken?.has(id) ? sha3Hex(preimage) : id;
}

/** Checksum over the ids of a DAG's nodes in node order, unsigned. */
export function nodeIdsCrc32(ids: readonly string[]): number {
  return crc32(ids.join(''));
}

/** Config that gives a candle stream its identity. */
export interface StreamConfig {
  exchange: string;
  market: string;
  symbol: string;
  /** Seconds. */
  interval: number;
}

export function streamConfig(series: CandleSeries): StreamConfig {
  const { exchange, market, symbol } = series;
  return { exchange, market, symbol, interval: intervalSeconds(series.interval) };
}

/** Inverse of `streamConfig`; null for a config that names no Binance candles. */
export function seriesOfStreamConfig(config: Readonly<Record<string, unknown>>): CandleSeries | null {
  const { exchange, market, symbol, interval } = config;
  const name = INTERVALS.find((each) => intervalSeconds(each) === interval);
  if (exchange !== 'binance' || name === undefined || typeof symbol !== 'string' || !isSymbol(symbol)) return null;
  if (!MARKETS.includes(market as Market)) return null;
  return { exchange, market: market as Market, symbol, kind: 'kline', interval: name };
}

/** A stream has neither a function nor a schema. */
const NO_CODE = codeHash(null);
const NO_SCHEMA = canonicalHash({});

/** Node id of the stream of a series: what the `node_id` column of its table holds. */
export function streamNodeId(series: CandleSeries): string {
  return nodeIdV1({
    nodeType: 'StreamInput',
    codeHash: NO_CODE,
    configHash: canonicalHash(streamConfig(series)),
    schemaHash: NO_SCHEMA,
  });
}

function sha256Hex(text: string): string {
  return hash('sha256', text);
}
