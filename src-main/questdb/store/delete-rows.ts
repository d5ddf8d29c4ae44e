import { randomBytes } from 'node:crypto';
import { AppError } from '@shared/contract';
import { intersectRanges, normalizeRanges, type Range, type Series, subtractRanges } from '@shared/market';
import {
  abandonJournal,
  beginJournal,
  type DeleteJournal,
  endJournal,
  orphanedJournals,
  rewriteJournal,
} from './delete-journal';
import { type Partition, partitionAt, rangeConditions, type SeriesTable, seriesTableOf } from './series-table';
import type { SqlClient } from './sql-client';
import { readColumns } from './table-shape';

/** What is behind a delete at each of its steps, in their order. */
export const DELETE_STEPS = ['journaled', 'copied', 'replacing', 'dropped', 'put_back', 'cleaned'] as const;
export type DeleteStep = (typeof DELETE_STEPS)[number];

export interface DeleteOptions {
  /** Where the journal lies; the same for all programs of a workspace. */
  folder: string;
  /** Called behind every step. */
  onStep?: (step: DeleteStep) => void | Promise<void>;
}

export interface DeleteTools {
  sql: SqlClient;
  /** Resolves when everything acknowledged for the table can be read. */
  settle: (table: string) => Promise<void>;
}

/** A partition is copied again when rows of it were written meanwhile, at most so often. */
const MOST_COPIES = 5;

/**
 * Deletes the series' rows with a time in the ranges (epoch ms) and no others; resolves to their number. QuestDB has no DELETE: each
 * partition that holds such rows is written anew. The rows that stay are copied to a table beside it and counted, then the
 * partition is dropped and they are put back. A journal is on disk before each step that a crash could make harmful; after any
 * failure `recoverDeletes` puts everything in order, and the call can be repeated.
 *
 * Nobody should write the series meanwhile. Rows that arrive while a partition is copied are noticed and copied too.
 */
export async function deleteRows(
  tools: DeleteTools,
  series: Series,
  ranges: readonly Range[],
  options: DeleteOptions,
): Promise<number> {
  const target = seriesTableOf(series);
  const wanted = normalizeRanges(ranges);
  const doing = `rows of ${target.table} are deleted`;
  if (wanted.length === 0 || !(await readColumns(tools.sql, target.table, doing))) return 0;
  await recoverDeletes(tools, options.folder);
  await tools.settle(target.table);
  let deleted = 0;
  for (const partition of await partitionsOf(tools.sql, target.table, wanted)) {
    const doomed = intersectRanges(wanted, [partition]);
    for (let copies = 1; ; copies++) {
      const count = await new PartitionRewrite(tools, target, partition, doomed, options).run();
      if (count !== 'disturbed') {
        deleted += count;
        break;
      }
      if (copies === MOST_COPIES)
        throw new AppError(
          'questdb.busy',
          `Rows of ${target.table} cannot be deleted while others write it. Nothing was changed; try again when that is done.`,
        );
    }
  }
  return deleted;
}

/** One partition without the doomed rows. */
class PartitionRewrite {
  readonly #keep = `tapemend_keep_${randomBytes(8).toString('hex')}`;

  constructor(
    private readonly tools: DeleteTools,
    private readonly target: SeriesTable,
    private readonly partition: Partition,
    private readonly doomed: readonly Range[],
    private readonly options: DeleteOptions,
  ) {}

  /** Number of rows deleted; `disturbed` when rows were written meanwhile, then nothing has changed. */
  async run(): Promise<number | 'disturbed'> {
    const { tools, target, options } = this;
    const { table } = target;
    const { from, to, name } = this.partition;
    const count = await this.#countDoomed();
    if (count === 0) return 0;
    let journal = await beginJournal(options.folder, {
      table,
      keep: this.#keep,
      from,
      to,
      phase: 'copying',
      kept: null,
    });
    try {
      await this.#behind('journaled');
      const kept = await this.#copy(count);
      if (kept === 'disturbed') {
        await clear(tools, options.folder, journal);
        return kept;
      }
      await this.#behind('copied');
      journal = { ...journal, phase: 'replacing', kept };
      await rewriteJournal(options.folder, journal);
      await this.#behind('replacing');
      await this.#query(`ALTER TABLE "${table}" DROP PARTITION LIST '${name}'`);
      await tools.settle(table);
      await this.#behind('dropped');
      await putBack(tools, journal, target.columns);
      await this.#behind('put_back');
      const left = await this.#countDoomed();
      await clear(tools, options.folder, journal);
      if (left > 0)
        throw new AppError(
          'questdb.busy',
          `${left} of the deleted rows of ${table} were written again by another program meanwhile; try again when that is done.`,
        );
    } catch (error) {
      if (journal.phase === 'copying' && error instanceof AppError)
        await clear(tools, options.folder, journal).catch(() => {});
      abandonJournal(options.folder, table);
      throw error;
    }
    await this.#behind('cleaned');
    return count;
  }

  /** Number of rows that stay, all of them copied. */
  async #copy(doomedCount: number): Promise<number | 'disturbed'> {
    const { tools, target, partition, doomed } = this;
    const version = await this.#version();
    await this.#query(target.statement(this.#keep));
    const conditions = rangeConditions(subtractRanges([partition], doomed));
    // Rows of other streams stay, wherever they are; what both conditions hold for is one row again.
    for (const doomedPart of rangeConditions(doomed)) conditions.push(`${doomedPart} AND NOT (${target.own})`);
    for (const condition of conditions)
      await this.#query(
        `INSERT INTO "${this.#keep}" (${target.columns}) SELECT ${target.columns} FROM "${target.table}" WHERE ${condition}`,
      );
    await tools.settle(this.#keep);
    await tools.settle(target.table);
    const kept = await this.#count(this.#keep, '');
    const all = await this.#count(target.table, `WHERE ${rangeConditions([partition])[0]}`);
    return all - doomedCount === kept && version === (await this.#version()) ? kept : 'disturbed';
  }

  async #countDoomed(): Promise<number> {
    let sum = 0;
    for (const condition of rangeConditions(this.doomed))
      sum += await this.#count(this.target.table, `WHERE ${this.target.own} AND ${condition}`);
    return sum;
  }

  async #count(table: string, where: string): Promise<number> {
    return (await this.#query<{ n: number }>(`SELECT count() n FROM "${table}" ${where}`))[0]?.n ?? 0;
  }

  async #version(): Promise<number> {
    const sql = `SELECT sequencerTxn n FROM wal_tables() WHERE name = '${this.target.table}'`;
    return (await this.#query<{ n: number }>(sql))[0]?.n ?? -1;
  }

  #query<T>(sql: string): Promise<T[]> {
    return this.tools.sql.query<T>(sql, [], `rows of ${this.target.table} are deleted`);
  }

  async #behind(step: DeleteStep): Promise<void> {
    await this.options.onStep?.(step);
  }
}

/**
 * Puts in order what crashed deletes of the folder left behind; resolves to their number. Never deletes a row of a series: where
 * the rows that stay had been copied in full, they are put back; else the copy is thrown away.
 */
export async function recoverDeletes(tools: DeleteTools, folder: string): Promise<number> {
  const journals = await orphanedJournals(folder);
  for (const journal of journals) {
    const doing = `kept rows of ${journal.table} are put back`;
    const columns = journal.phase === 'replacing' ? await readColumns(tools.sql, journal.keep, doing) : null;
    // Without that table the delete had come to its end: it is dropped last.
    if (columns) {
      await tools.settle(journal.keep);
      await tools.settle(journal.table);
      await putBack(tools, journal, columns.map(({ column }) => column).join(', '));
    }
    await clear(tools, folder, journal);
  }
  return journals.length;
}

/** Writes the kept rows into their table; those that are there already are the same rows again. */
async function putBack({ sql, settle }: DeleteTools, journal: DeleteJournal, columns: string): Promise<void> {
  const { table, keep, kept, from, to } = journal;
  const doing = `kept rows of ${table} are put back`;
  const count = async (sqlText: string) => (await sql.query<{ n: number }>(sqlText, [], doing))[0]?.n ?? 0;
  await sql.query(`INSERT INTO "${table}" (${columns}) SELECT ${columns} FROM "${keep}"`, [], doing);
  await settle(table);
  const inKeep = await count(`SELECT count() n FROM "${keep}"`);
  const back = await count(`SELECT count() n FROM "${table}" WHERE ${rangeConditions([{ from, to }])[0]}`);
  if (inKeep === kept && back >= inKeep) return;
  throw new AppError(
    'questdb.rows_missing',
    `Of ${kept} rows of ${table} that have to stay, ${inKeep} are in ${keep} and ${back} in the table. Keep both tables, and look at QuestDB's log.`,
    { table, keep },
  );
}

async function clear({ sql }: DeleteTools, folder: string, journal: DeleteJournal): Promise<void> {
  await sql.query(`DROP TABLE IF EXISTS "${journal.keep}"`, [], `a copy of rows of ${journal.table} is dropped`);
  await endJournal(folder, journal.table);
}

/** Partitions with rows that may lie in the ranges, oldest first. */
async function partitionsOf(sql: SqlClient, table: string, ranges: readonly Range[]): Promise<Partition[]> {
  const rows = await sql.query<{ unit: string; first: number | null; last: number | null }>(
    `SELECT partitionBy unit, minTimestamp "first", maxTimestamp "last" FROM table_partitions('${table}')`,
    [],
    `the partitions of ${table} are looked at`,
  );
  const found = new Map<string, Partition>();
  for (const { unit, first, last } of rows) {
    if (first === null || last === null) continue;
    const partition = partitionAt(unit, first);
    if (!partition)
      throw new AppError(
        'questdb.schema',
        `Rows of ${table} cannot be deleted, because it is partitioned by ${unit}; Tapemend's own tables are by year, month or day.`,
        { table },
      );
    if (intersectRanges([partition], ranges).length > 0) found.set(partition.name, partition);
  }
  return [...found.values()].sort((a, b) => a.from - b.from);
}
