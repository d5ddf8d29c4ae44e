import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files';
import type { SeriesContent } from '../questdb';

const time = z.number();
const cachedSchema = z.object({
  format: z.literal(1),
  version: z.string(),
  bars: z.number(),
  first: time.nullable(),
  last: time.nullable(),
  present: z.array(z.tuple([time, time])),
});

/**
 * Content of tables as it was last derived, one file per table in the workspace's cache folder. An entry counts only while the
 * table's version is the one it was derived at; anything unreadable is the same as no entry.
 */
export class CoverageCache {
  constructor(private readonly folder: string) {}

  async read(table: string, version: string): Promise<SeriesContent | null> {
    let text: string;
    try {
      text = await readFile(this.#file(table), 'utf8');
    } catch {
      return null;
    }
    const parsed = cachedSchema.safeParse(parseJson(text));
    if (!parsed.success || parsed.data.version !== version) return null;
    const { bars, first, last, present } = parsed.data;
    return { bars, first, last, present: present.map(([from, to]) => ({ from, to })) };
  }

  /** Never throws: without its entry a table is read anew at the next start. */
  async write(table: string, version: string, content: SeriesContent): Promise<void> {
    const { bars, first, last, present } = content;
    const runs = present.map((run) => [run.from, run.to]);
    const text = JSON.stringify({ format: 1, version, bars, first, last, present: runs });
    await replaceFile(this.#file(table), text).catch(() => undefined);
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
