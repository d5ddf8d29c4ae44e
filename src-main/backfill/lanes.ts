import type { Market } from '@shared/market';
import { type FlowMetrics, NO_METRICS } from '../metrics';
import { ingestThreads } from './ingest-pool';
import { Slots } from './slots';

/** Archive files on the way at the same time: at 20 ms to the server they come faster than two cores can read them. */
const ARCHIVE_DOWNLOADS = 8;
/** Enough that a thread need not wait for this one to look; more would be read in the order they came, whatever their rank. */
const FILES_PER_THREAD = 4;
/** REST requests of a market on the way at the same time. Eight at 150 ms use up spot's whole budget, so the limiter is the bound. */
const REST_LANES = 8;
/** Line-protocol requests at the same time: more only compete for the same processors (measured). */
const WRITES = 2;
/** Bytes of files and encoded rows that all pages together may hold: five monthly archives of minutes. */
const PAGE_MEMORY = 66 * 1024 * 1024;

/** What all jobs of a program share, so that more series do not mean more load on a source, or more memory. */
export class Lanes {
  readonly archives: Slots;
  readonly ingest: Slots;
  readonly rest: Record<Market, Slots>;
  readonly writes: Slots;
  readonly memory: Slots;

  constructor(metrics: FlowMetrics = NO_METRICS) {
    this.archives = new Slots(ARCHIVE_DOWNLOADS, (change) => metrics.underWay('download', change));
    this.ingest = new Slots(FILES_PER_THREAD * ingestThreads());
    const rest = () => new Slots(REST_LANES, (change) => metrics.underWay('rest', change));
    this.rest = { spot: rest(), um: rest(), cm: rest() };
    this.writes = new Slots(WRITES, (change) => metrics.underWay('write', change));
    this.memory = new Slots(PAGE_MEMORY, (change) => metrics.bytesHeld(change));
  }
}

/** Zip and encoded rows of a candle, about. */
const BYTES_PER_BAR = 280;

/** Memory that an archive page takes from its download until its rows are written. */
export function pageMemory(barsInFile: number): number {
  return barsInFile * BYTES_PER_BAR;
}

/** Where the archive does not tell: the size of a busy day. */
const USUAL_TRADE_FILE = 24 * 1024 * 1024;
/** Text, columns and encoded rows of the pieces that are under way. */
const TRADE_PIECES = 20 * 1024 * 1024;

/** The same of a file of trades, which is read in pieces; `zipBytes` as the archive tells. */
export function tradeFileMemory(zipBytes: number | null): number {
  return (zipBytes ?? USUAL_TRADE_FILE) + TRADE_PIECES;
}
