import { createHash } from 'node:crypto';
import {
  ceilToGrid,
  closeOf,
  DAY_MS,
  floorToGrid,
  intervalMs,
  type Market,
  MINUTE_MS,
  type Range,
} from '@shared/market';
import { ArchiveCsv } from './archive-csv';
import { type ArchiveKey, parseArchiveKey, publishedAt } from './archive-key';
import type { CandleBook } from './candle-book';
import { spoilFile } from './content-faults';
import type { DataRoot } from './data-root';
import type { FaultRule } from './fault-rules';
import { Lru } from './lru';
import type { PublicationOptions } from './options';
import type { PracticeSymbol } from './symbols';
import type { TradeTape } from './trade-tape';
import { claimSize, zipFile } from './zip-file';

/** Bytes of a deflated row, for sizes in listings of files that nobody has fetched yet. */
const ROW_ESTIMATE = 49;
const TRADE_ESTIMATE = 22;
/** Sizes that a zip claims of its member under the effects of those names. */
const CLAIMS = new Map([
  ['overstated_size', 4_000_000_000],
  ['understated_size', 10],
]);
/** A rewritten file is as much younger. */
const REWRITTEN_AFTER_MS = 30 * DAY_MS;

/** One object of the bucket. */
export interface ArchiveObject {
  key: string;
  lastModified: number;
  etag: string;
  /** Exact for files that were served before and for real ones, else an estimate. */
  size: number;
}

/** The bucket of archive files: generated ones, made when asked for, and the real ones of the data root. */
export class ArchiveStore {
  private readonly csv: ArchiveCsv;
  private readonly zips: Lru<Buffer>;
  private readonly making = new Map<string, Promise<Buffer>>();
  private readonly facts = new Map<string, { sha256: string; size: number }>();

  constructor(
    private readonly book: CandleBook,
    tape: TradeTape,
    readonly dataRoot: DataRoot,
    private readonly publication: PublicationOptions,
    cacheBytes: number,
  ) {
    this.csv = new ArchiveCsv(book, tape);
    this.zips = new Lru(cacheBytes);
  }

  /** The object at a key, or null when there is none (yet). */
  find(key: string, now: number): ArchiveObject | null {
    const real = this.dataRoot.files.get(key);
    if (real) return { key, lastModified: real.modifiedAt, etag: real.etag, size: real.size };
    const parsed = parseArchiveKey(key);
    if (!parsed) return null;
    const zipKey = parsed.checksum ? key.slice(0, -'.CHECKSUM'.length) : key;
    const behind = this.dataRoot.files.get(zipKey);
    if (behind) return { key, lastModified: behind.modifiedAt, etag: tag(key), size: checksumSize(parsed) };
    const symbol = this.book.markets[parsed.market].get(parsed.symbol);
    const at = symbol && this.appearsAt(symbol, parsed);
    if (!at || at > now) return null;
    const size = parsed.checksum ? checksumSize(parsed) : (this.facts.get(zipKey)?.size ?? estimate(symbol, parsed));
    return { key, lastModified: at, etag: tag(key), size };
  }

  /** Bytes of an object that `find` has found. `spoil` is the content fault that sticks to the file. */
  async read(key: string, spoil: FaultRule | null): Promise<Buffer> {
    const real = this.dataRoot.files.get(key);
    if (real && !spoil) return real.read();
    const parsed = parseArchiveKey(key);
    if (!parsed) return real ? real.read() : Buffer.alloc(0);
    if (!parsed.checksum) return this.zip(key, parsed, spoil);
    const zipKey = key.slice(0, -'.CHECKSUM'.length);
    const told = spoil?.effect === 'stale_checksum' ? null : spoil;
    const known = this.facts.get(variant(zipKey, told));
    const sha256 = known?.sha256 ?? sha256Of(await this.zip(zipKey, parsed, told));
    return Buffer.from(checksumText(sha256, parsed));
  }

  private async zip(key: string, parsed: ArchiveKey, spoil: FaultRule | null): Promise<Buffer> {
    const name = variant(key, spoil);
    const cached = this.zips.get(name);
    if (cached) return cached;
    let making = this.making.get(name);
    if (!making) {
      making = this.make(name, key, parsed, spoil).finally(() => this.making.delete(name));
      this.making.set(name, making);
    }
    return making;
  }

  private async make(name: string, key: string, parsed: ArchiveKey, spoil: FaultRule | null): Promise<Buffer> {
    const real = this.dataRoot.files.get(key);
    if (real && !spoil) return real.read();
    const symbol = this.book.markets[parsed.market].get(parsed.symbol)!;
    const modified =
      (this.appearsAt(symbol, parsed) ?? parsed.range.to) + (isRewritten(spoil) ? REWRITTEN_AFTER_MS : 0);
    const chunks = await this.csv.open(symbol, parsed);
    const zip = await zipFile(`${parsed.stem}.csv`, modified, spoil ? spoilFile(chunks, parsed.kind, spoil) : chunks);
    const claim = CLAIMS.get(spoil?.effect ?? '');
    if (claim !== undefined) claimSize(zip, claim);
    this.zips.set(name, zip, zip.length);
    this.facts.set(name, { sha256: sha256Of(zip), size: zip.length });
    return zip;
  }

  /** When the file appears, null when it never has a row. */
  private appearsAt(symbol: PracticeSymbol, { tier, interval, range }: ArchiveKey): number | null {
    let first = range.from;
    let lastClose = range.to;
    if (interval) {
      const grid = this.book.grid(symbol, interval);
      first = ceilToGrid(grid, range.from);
      if (first >= range.to) return null;
      lastClose = closeOf(grid, floorToGrid(grid, range.to - 1));
    }
    if (!symbol.lives.some((life) => life.from < lastClose && life.to > first)) return null;
    return publishedAt(tier, range, lastClose, this.publication);
  }

  /** Symbols of a market that have files. */
  symbols(market: Market): string[] {
    return [...this.book.markets[market].keys()];
  }

  life(market: Market, symbol: string): Range | null {
    const lives = this.book.markets[market].get(symbol)?.lives;
    return lives ? { from: lives[0]!.from, to: lives.at(-1)!.to } : null;
  }
}

/** Whether the fault makes the file another one than it was. */
export function isRewritten(spoil: FaultRule | null): boolean {
  return spoil?.effect === 'rewritten' || spoil?.effect === 'stale_checksum';
}

/** Spot's have no newline at the end. */
function checksumText(sha256: string, { market, stem }: ArchiveKey): string {
  return `${sha256}  ${stem}.zip${market === 'spot' ? '' : '\n'}`;
}

function checksumSize(parsed: ArchiveKey): number {
  return checksumText('0'.repeat(64), parsed).length;
}

function estimate(symbol: PracticeSymbol, { interval, range }: ArchiveKey): number {
  const span = range.to - range.from;
  if (interval) return Math.round((span / intervalMs(interval)) * ROW_ESTIMATE) + 200;
  const perMinute = (1 - symbol.quiet) * (8 + Math.min(2_500, symbol.turnover / 500) / 80);
  return Math.round((span / MINUTE_MS) * perMinute * TRADE_ESTIMATE) + 200;
}

function variant(key: string, spoil: FaultRule | null): string {
  return spoil ? `${key}#${spoil.effect}${spoil.day ?? ''}` : key;
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Made from the key, so that listings agree with answers without generating every file. */
function tag(key: string): string {
  return createHash('md5').update(key).digest('hex');
}
