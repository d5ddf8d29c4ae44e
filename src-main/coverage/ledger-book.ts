import type { LedgerCount, LedgerEntry, QuestDbStore } from '../questdb';
import type { KnownFold, LedgerFoldCache } from './ledger-fold-cache';
import { foldLedger, type LedgerFold, type LedgerView } from './ledger-view';

export type LedgerStore = Pick<QuestDbStore, 'ledgerAppend' | 'ledgerCounts' | 'ledgerRead'>;

/** Series whose entries stay in memory after they were asked for, and most series and entries that one query reads. */
const MOST_SERIES_KEPT = 64;
const SERIES_PER_READ = 200;
const ENTRIES_PER_READ = 20_000;

interface Shelved {
  entries: Promise<LedgerEntry[]>;
  /** Appends under way: the entries have to stay until they are among them. */
  writers: number;
}

/**
 * The ledger as coverage sees it: what its entries come to for every series, in memory and in a file of the cache, and the entries
 * themselves only of series that somebody asks about. A ledger of hundreds of thousands of entries is not read at a start: a
 * count for each series tells whether the fold that is known is still true.
 */
export class LedgerBook {
  readonly #known = new Map<string, KnownFold>();
  /** In order of last use, the oldest first. */
  readonly #shelf = new Map<string, Shelved>();
  #opened: Promise<void> | null = null;
  #isRemembered = true;

  constructor(
    private readonly store: LedgerStore,
    private readonly cache: Pick<LedgerFoldCache, 'read' | 'write'>,
  ) {}

  /** What the series' entries come to. */
  async fold(key: string): Promise<LedgerFold> {
    await this.#open();
    return this.#known.get(key)?.fold ?? foldLedger([]);
  }

  /** All entries of a series, reverted ones too, oldest first. */
  async entries(key: string): Promise<readonly LedgerEntry[]> {
    await this.#open();
    return this.#take(key).entries;
  }

  /** The same as what they come to, with those that stand. */
  async view(key: string): Promise<LedgerView> {
    return foldLedger(await this.entries(key));
  }

  /** Adds entries of these series to the ledger; durable, and folded, when this resolves. */
  async append(entries: readonly LedgerEntry[]): Promise<void> {
    await this.#open();
    const groups = groupByKey(entries);
    const held = [...groups].map(([key, own]) => {
      const shelved = this.#take(key);
      shelved.writers++;
      return { key, own, shelved };
    });
    try {
      // Read first: after the append they would be among what is read, and be folded twice.
      const read = await Promise.all(held.map(({ shelved }) => shelved.entries));
      await this.store.ledgerAppend([...entries]);
      held.forEach(({ key, own }, index) => {
        const all = read[index]!;
        all.push(...own);
        this.#know(key, all);
      });
    } finally {
      for (const { shelved } of held) shelved.writers--;
      this.#clear();
    }
  }

  /**
   * Takes over what others wrote. Resolves with the series that changed, and whether that is all: series that this program writes
   * right now are left for the next time.
   */
  async catchUp(): Promise<{ changed: string[]; isComplete: boolean }> {
    await this.#open();
    return this.#catchUp();
  }

  /** Keeps the folds for the next start. Never throws: without them the ledger is read anew. */
  async remember(): Promise<void> {
    if (this.#isRemembered) return;
    this.#isRemembered = true;
    await this.cache.write(this.#known);
  }

  #open(): Promise<void> {
    this.#opened ??= this.#load().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #load(): Promise<void> {
    for (const [key, known] of await this.cache.read()) this.#known.set(key, known);
    await this.#catchUp();
    await this.remember();
  }

  async #catchUp(): Promise<{ changed: string[]; isComplete: boolean }> {
    const counts = new Map((await this.store.ledgerCounts()).map((count) => [count.key, count]));
    const gone = [...this.#known.keys()].filter((key) => !counts.has(key) && !this.#isWritten(key));
    for (const key of gone) this.#forget(key);
    const other = [...counts.values()].filter((count) => !isSame(this.#known.get(count.key), count));
    const stale = other.filter(({ key }) => !this.#isWritten(key));
    for (const part of inParts(stale)) await this.#read(part);
    return { changed: [...gone, ...stale.map(({ key }) => key)], isComplete: stale.length === other.length };
  }

  async #read(counts: readonly LedgerCount[]): Promise<void> {
    const keys = counts.map(({ key }) => key);
    const groups = groupByKey(await this.store.ledgerRead(keys));
    for (const key of keys) {
      // Its writer has read and folded the newest meanwhile, or will.
      if (this.#isWritten(key)) continue;
      this.#shelf.delete(key);
      this.#know(key, groups.get(key) ?? []);
    }
  }

  #know(key: string, entries: readonly LedgerEntry[]): void {
    const { entries: _all, ...fold } = foldLedger(entries);
    this.#known.set(key, { fold, count: entries.length, newest: newestOf(entries) });
    this.#isRemembered = false;
  }

  #forget(key: string): void {
    this.#known.delete(key);
    this.#shelf.delete(key);
    this.#isRemembered = false;
  }

  #isWritten(key: string): boolean {
    return (this.#shelf.get(key)?.writers ?? 0) > 0;
  }

  #take(key: string): Shelved {
    const shelved = this.#shelf.get(key) ?? { entries: this.#readEntries(key), writers: 0 };
    this.#shelf.delete(key);
    this.#shelf.set(key, shelved);
    this.#clear();
    return shelved;
  }

  #readEntries(key: string): Promise<LedgerEntry[]> {
    if (!this.#known.has(key)) return Promise.resolve([]);
    const entries = this.store.ledgerRead([key]);
    entries.catch(() => this.#shelf.delete(key));
    return entries;
  }

  #clear(): void {
    let over = this.#shelf.size - MOST_SERIES_KEPT;
    for (const [key, { writers }] of this.#shelf) {
      if (over <= 0) return;
      if (writers > 0) continue;
      this.#shelf.delete(key);
      over--;
    }
  }
}

function isSame(known: KnownFold | undefined, { count, newest }: LedgerCount): boolean {
  return known !== undefined && known.count === count && known.newest === newest;
}

function newestOf(entries: readonly LedgerEntry[]): number {
  return entries.reduce((newest, { at }) => Math.max(newest, Math.trunc(at)), 0);
}

/** Parts of which each is read and folded before the next, so that the whole ledger never is in memory. */
function inParts(counts: readonly LedgerCount[]): LedgerCount[][] {
  const parts: LedgerCount[][] = [];
  let entries = 0;
  for (const each of counts) {
    const part = parts[parts.length - 1];
    entries += each.count;
    if (part && part.length < SERIES_PER_READ && entries <= ENTRIES_PER_READ) part.push(each);
    else {
      parts.push([each]);
      entries = each.count;
    }
  }
  return parts;
}

function groupByKey(entries: readonly LedgerEntry[]): Map<string, LedgerEntry[]> {
  const groups = new Map<string, LedgerEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.key);
    if (group) group.push(entry);
    else groups.set(entry.key, [entry]);
  }
  return groups;
}
