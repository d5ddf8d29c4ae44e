import type { Market } from '@shared/market';
import { Slots } from './slots';

/** Archive files on the way at the same time: at 20 ms to the server they come faster than two cores can read them. */
const ARCHIVE_DOWNLOADS = 8;
/** REST requests of a market on the way at the same time. Two at 50 ms would use up half of spot's budget; the limiter is the bound. */
const REST_LANES = 4;
/** Line-protocol requests at the same time: more only compete for the same processors (measured). */
const WRITES = 2;
/** Bytes of files and encoded rows that all pages together may hold: four monthly archives of minutes. */
const PAGE_MEMORY = 56 * 1024 * 1024;

/** What all jobs of a program share, so that more series do not mean more load on a source, or more memory. */
export class Lanes {
  readonly archives = new Slots(ARCHIVE_DOWNLOADS);
  readonly rest: Record<Market, Slots> = {
    spot: new Slots(REST_LANES),
    um: new Slots(REST_LANES),
    cm: new Slots(REST_LANES),
  };
  readonly writes = new Slots(WRITES);
  readonly memory = new Slots(PAGE_MEMORY);
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
