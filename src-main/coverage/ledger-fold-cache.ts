import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../files';
import { foldLedger, type LedgerFold } from './ledger-view';

/** A fold, and what tells that it is still true: how many entries the series has, and the time of the newest. */
export interface KnownFold {
  fold: LedgerFold;
  count: number;
  newest: number;
}

/** Grows when a fold comes to something else from the same entries. */
const FORMAT = 2;

interface Kept {
  format: number;
  /** What a fold consists of; one of another version is no fold. */
  fields: string[];
  series: Record<string, KnownFold>;
}

/** Folds of all series as an earlier program left them, in one file of the workspace's cache folder. */
export class LedgerFoldCache {
  readonly #file: string;

  constructor(folder: string) {
    // No table has a dot in its name, so that this is none of theirs.
    this.#file = join(folder, 'ledger.folds.json');
  }

  /** Empty when there is nothing, or nothing readable. */
  async read(): Promise<Map<string, KnownFold>> {
    try {
      const kept = JSON.parse(await readFile(this.#file, 'utf8')) as Kept;
      if (kept.format !== FORMAT || kept.fields.join() !== fieldsOfFold().join()) return new Map();
      return new Map(Object.entries(kept.series));
    } catch {
      return new Map();
    }
  }

  async write(known: ReadonlyMap<string, KnownFold>): Promise<void> {
    const kept: Kept = { format: FORMAT, fields: fieldsOfFold(), series: Object.fromEntries(known) };
    await replaceFile(this.#file, JSON.stringify(kept)).catch(() => undefined);
  }
}

function fieldsOfFold(): string[] {
  return Object.keys(foldLedger([]))
    .filter((name) => name !== 'entries')
    .sort();
}
