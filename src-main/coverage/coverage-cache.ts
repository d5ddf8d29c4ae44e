import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files';
import type { SeriesContent, TradePart } from '../questdb';
import { LedgerFoldCache } from './ledger-fold-cache';

const time = z.number();
const cachedSchema = z.object({
  format: z.literal(3),
  version: z.string(),
  bars: z.number(),
  flat: z.number(),
  first: time.nullable(),
  last: time.nullable(),
  present: z.array(z.tuple([time, time])),
});

const partsSchema = z.object({
  format: z.literal(2),
  version: z.string(),
  parts: z.array(
    z.object({
      stamp: z.string(),
      rows: z.number(),
      /** First id, last id, first time, last time. */
      runs: z.array(z.tuple([z.number(), z.number(), time, time])),
    }),
  ),
});

/**
 * Content of tables as it was last derived, one file per table in the workspace's cache folder. An entry counts only while the
 * table's version is the one it was derived at; anything unreadable is the same as no entry.
 */
export class CoverageCache {
  /** What the ledger comes to, which no table's version tells. */
  readonly folds: LedgerFoldCache;

  constructor(private readonly folder: string) {
    this.folds = new LedgerFoldCache(folder);
  }

  async read(table: string, version: string): Promise<SeriesContent | null> {
    const parsed = cachedSchema.safeParse(parseJson(await this.#text(table)));
    if (!parsed.success || parsed.data.version !== version) return null;
    const { bars, first, last, present, flat } = parsed.data;
    return { bars, first, last, present: present.map(([from, to]) => ({ from, to })), flat };
  }

  /** Never throws: without its entry a table is read anew at the next start. */
  async write(table: string, version: string, content: SeriesContent): Promise<void> {
    const { bars, first, last, present, flat } = content;
    const runs = present.map((run) => [run.from, run.to]);
    const text = JSON.stringify({ format: 3, version, bars, first, last, present: runs, flat });
    await replaceFile(this.#file(table), text).catch(() => undefined);
  }

  /** Parts of a table of trades, of whatever version: each has its own stamp. */
  async readParts(table: string): Promise<{ version: string; parts: TradePart[] } | null> {
    const parsed = partsSchema.safeParse(parseJson(await this.#text(table)));
    if (!parsed.success) return null;
    const parts = parsed.data.parts.map(({ stamp, rows, runs }) => ({
      stamp,
      rows,
      runs: runs.map(([firstId, lastId, firstTime, lastTime]) => ({ firstId, lastId, firstTime, lastTime })),
    }));
    return { version: parsed.data.version, parts };
  }

  async writeParts(table: string, version: string, parts: readonly TradePart[]): Promise<void> {
    const listed = parts.map(({ stamp, rows, runs }) => ({
      stamp,
      rows,
      runs: runs.map((run) => [run.firstId, run.lastId, run.firstTime, run.lastTime]),
    }));
    await replaceFile(this.#file(table), JSON.stringify({ format: 2, version, parts: listed }));
  }

  #text(table: string): Promise<string> {
    return readFile(this.#file(table), 'utf8').catch(() => '');
  }

  #file(table: string): string {
    return join(this.folder, `${table}.json`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
