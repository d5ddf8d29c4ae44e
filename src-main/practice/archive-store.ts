import { createHash } from 'node:crypto';
import { ceilToGrid, closeOf, DAY_MS, floorToGrid, intervalMs } from '@shared/market';
import { type ArchiveKey, parseArchiveKey, publishedAt } from './archive-key';
import { CandleBook } from './candle-book';
import { spoilCsv } from './content-faults';
import type { DataRoot } from './data-root';
import type { FaultRule } from './faults';
import { Lru } from './lru';
import type { PublicationOptions } from './options';
import { ROW_BYTES, writeRows } from './row-writer';
import type { PracticeSymbol } from './symbols';
import { zipFile } from './zip-file';

/** Spot archives count microseconds from here on. */
const MICRO_FROM = Date.UTC(2025, 0, 1);
/** Bytes of a deflated row, for sizes in listings of files that nobody has fetched yet. */
const ROW_ESTIMATE = 49;

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
  private readonly zips: Lru<Buffer>;
  private readonly making = new Map<string, Promise<Buffer>>();
  private readonly facts = new Map<string, { sha256: string; size: number }>();

  constructor(
    private readonly book: CandleBook,
    readonly dataRoot: DataRoot,
    private readonly publication: PublicationOptions,
    cacheBytes: number,
  ) {
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
    if (behind) return { key, lastModified: behind.modifiedAt, etag: tag(key), size: 66 + parsed.stem.length + 4 };
    const symbol = this.book.symbols.get(parsed.symbol);
    const at = symbol && this.appearsAt(symbol, parsed);
    if (!at || at > now) return null;
    const size = parsed.checksum
      ? 64 + 2 + parsed.stem.length + 4
      : (this.facts.get(zipKey)?.size ??
        Math.round(((parsed.range.to - parsed.range.from) / intervalMs(parsed.interval)) * ROW_ESTIMATE) + 200);
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
    return Buffer.from(`${sha256}  ${parsed.stem}.zip`);
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
    const symbol = this.book.symbols.get(parsed.symbol)!;
    const rewritten = spoil?.effect === 'rewritten' || spoil?.effect === 'stale_checksum';
    const modified = (this.appearsAt(symbol, parsed) ?? parsed.range.to) + (rewritten ? 30 * DAY_MS : 0);
    const csv = this.csv(symbol, parsed);
    const chunks = spoil ? [spoilCsv(Buffer.concat([...csv]), spoil)] : csv;
    const zip = await zipFile(`${parsed.stem}.csv`, modified, chunks);
    this.zips.set(name, zip, zip.length);
    this.facts.set(name, { sha256: sha256Of(zip), size: zip.length });
    return zip;
  }

  /** The file's rows, a day or a candle at a time. */
  private *csv(symbol: PracticeSymbol, { tier, interval, range }: ArchiveKey): Generator<Buffer> {
    const style = { json: false, micro: range.from >= MICRO_FROM };
    const view = tier === 'monthly' ? 'monthly' : 'rest';
    if (intervalMs(interval) < DAY_MS) {
      const size = CandleBook.blockMs(interval);
      for (let start = range.from; start < range.to; start += size) {
        const block = this.book.block(symbol, interval, start, view);
        const bytes = Buffer.allocUnsafe(block.rows * (block.text ? ROW_BYTES : 256));
        yield bytes.subarray(0, writeRows(bytes, 0, block, 0, block.rows, symbol, style));
      }
      return;
    }
    const grid = this.book.grid(symbol, interval);
    for (let open = ceilToGrid(grid, range.from); open < range.to; open = closeOf(grid, open)) {
      const block = this.book.candle(symbol, grid, open, Number.MAX_SAFE_INTEGER, view);
      if (!block) continue;
      const bytes = Buffer.allocUnsafe(ROW_BYTES);
      yield bytes.subarray(0, writeRows(bytes, 0, block, 0, 1, symbol, style));
    }
  }

  /** When the file appears, null when it never has a row. */
  private appearsAt(symbol: PracticeSymbol, { tier, interval, range }: ArchiveKey): number | null {
    const grid = this.book.grid(symbol, interval);
    const first = ceilToGrid(grid, range.from);
    if (first >= range.to) return null;
    const lastClose = closeOf(grid, floorToGrid(grid, range.to - 1));
    if (!symbol.lives.some((life) => life.from < lastClose && life.to > first)) return null;
    return publishedAt(tier, range, lastClose, this.publication);
  }

  /** Symbols that have files, and those of real files. */
  symbols(): string[] {
    return [...this.book.symbols.keys()];
  }

  life(symbol: string): { from: number; to: number } | null {
    const lives = this.book.symbols.get(symbol)?.lives;
    return lives ? { from: lives[0]!.from, to: lives.at(-1)!.to } : null;
  }
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
