import { AppError } from '@shared/contract';
import { intersectRanges, normalizeRanges, type Range, type Series, seriesKey, subtractRanges } from '@shared/market';
import { checkTableName } from './candle-table';
import type { DeleteTools } from './delete-rows';
import { rangeConditions, seriesTableOf } from './series-table';
import { type SqlValue, timestampText } from './sql-client';
import { readColumns } from './table-shape';

export const UNDO_TABLE = 'tapemend_undo';
const ROWS_PER_INSERT = 500;

/** What a batch kept of a series before it wrote over it. */
export interface SavedRange extends Range {
  /** Rows kept of the range; none when it was empty. */
  kept: number;
}

function savedTable(batchId: string): string {
  return checkTableName(`${UNDO_TABLE}_${batchId}`);
}

/**
 * Keeps the series' rows of the ranges under the batch, before the batch writes there; resolves to their number when they are safe.
 * What the batch has saved before is not saved again, since it may be the batch's own by now.
 */
export async function saveRows(
  { sql, settle }: DeleteTools,
  series: Series,
  ranges: readonly Range[],
  batchId: string,
): Promise<number> {
  const target = seriesTableOf(series);
  const undo = savedTable(batchId);
  const doing = `rows of ${target.table} are kept for undoing`;
  const wanted = subtractRanges(ranges, await readSavedRanges({ sql, settle }, series, batchId));
  if (wanted.length === 0) return 0;
  const exists = (await readColumns(sql, target.table, doing)) !== null;
  if (exists) await settle(target.table);
  const count = async (table: string, condition: string) =>
    (
      await sql.query<{ n: number }>(`SELECT count() n FROM "${table}" WHERE ${target.own} AND ${condition}`, [], doing)
    )[0]?.n ?? 0;
  const saved: SavedRange[] = [];
  for (const range of wanted)
    saved.push({ ...range, kept: exists ? await count(target.table, rangeConditions([range])[0]!) : 0 });
  const full = saved.filter(({ kept }) => kept > 0);
  if (full.length > 0) {
    await sql.query(target.statement(undo), [], doing);
    for (const condition of rangeConditions(full))
      await sql.query(
        `INSERT INTO "${undo}" (${target.columns}) SELECT ${target.columns} FROM "${target.table}" WHERE ${target.own} AND ${condition}`,
        [],
        doing,
      );
    await settle(undo);
  }
  const sum = saved.reduce((total, { kept }) => total + kept, 0);
  let found = 0;
  if (full.length > 0) for (const condition of rangeConditions(full)) found += await count(undo, condition);
  if (found < sum)
    throw new AppError(
      'questdb.rows_missing',
      `Of ${sum} rows of ${target.table} only ${found} could be kept for undoing, so they are not written over. Try again.`,
    );
  await appendSavedRanges({ sql, settle }, series, batchId, saved);
  return sum;
}

async function appendSavedRanges(
  { sql, settle }: DeleteTools,
  series: Series,
  batchId: string,
  saved: readonly SavedRange[],
): Promise<void> {
  const doing = 'kept ranges are entered';
  for (let start = 0; start < saved.length; start += ROWS_PER_INSERT) {
    const values: SqlValue[] = [timestampText(Date.now()), batchId, seriesKey(series)];
    const rows = saved.slice(start, start + ROWS_PER_INSERT).map(({ from, to, kept }) => {
      const [a, b, c] = [timestampText(from), timestampText(to), kept].map((value) => values.push(value));
      return `($1, $2, $3, $${a}, $${b}, $${c})`;
    });
    await sql.query(
      `INSERT INTO ${UNDO_TABLE} (timestamp, batch_id, series, range_from, range_to, kept) VALUES ${rows.join(', ')}`,
      values,
      doing,
    );
  }
  await settle(UNDO_TABLE);
}

/** Ranges that the batch has saved of the series, with the numbers of their rows; in no order. */
export async function readSavedRanges(
  { sql, settle }: DeleteTools,
  series: Series,
  batchId: string,
): Promise<SavedRange[]> {
  await settle(UNDO_TABLE);
  const rows = await sql.query<{ range_from: number; range_to: number; kept: number }>(
    `SELECT range_from, range_to, kept FROM ${UNDO_TABLE} WHERE batch_id = $1 AND series = $2`,
    [batchId, seriesKey(series)],
    'kept ranges are read',
  );
  return rows.map((row) => ({ from: row.range_from, to: row.range_to, kept: row.kept }));
}

/**
 * Writes the rows that the batch kept of the ranges back into the series' table, over what is there; resolves to their number.
 * `questdb.saved_rows_gone` when there were some and they have been dropped; then nothing is written.
 */
export async function restoreRows(
  tools: DeleteTools,
  series: Series,
  ranges: readonly Range[],
  batchId: string,
): Promise<number> {
  const { sql, settle } = tools;
  const target = seriesTableOf(series);
  const undo = savedTable(batchId);
  const doing = `kept rows of ${target.table} are put back`;
  const kept = (await readSavedRanges(tools, series, batchId)).filter((range) => range.kept > 0);
  const wanted = intersectRanges(kept, normalizeRanges(ranges));
  if (wanted.length === 0) return 0;
  if (!(await readColumns(sql, undo, doing)))
    throw new AppError(
      'questdb.saved_rows_gone',
      `The rows of ${target.table} that were kept under ${undo} have been dropped and cannot be put back.`,
      { table: undo },
    );
  await settle(undo);
  await sql.query(target.statement(target.table), [], doing);
  let restored = 0;
  for (const condition of rangeConditions(wanted)) {
    const rows = `FROM "${undo}" WHERE ${target.own} AND ${condition}`;
    await sql.query(`INSERT INTO "${target.table}" (${target.columns}) SELECT ${target.columns} ${rows}`, [], doing);
    restored += (await sql.query<{ n: number }>(`SELECT count() n ${rows}`, [], doing))[0]?.n ?? 0;
  }
  await settle(target.table);
  return restored;
}

/** Drops the rows that a batch kept; what it kept stays entered. */
export async function dropSaved({ sql }: DeleteTools, batchId: string): Promise<void> {
  await sql.query(`DROP TABLE IF EXISTS "${savedTable(batchId)}"`, [], 'kept rows are dropped');
}

/** Batches that have rows kept. */
export async function savedBatches({ sql }: DeleteTools): Promise<Set<string>> {
  const prefix = `${UNDO_TABLE}_`;
  const rows = await sql.query<{ name: string }>('SELECT name FROM wal_tables()', [], 'kept rows are looked for');
  return new Set(rows.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name.slice(prefix.length)));
}

/** What a batch keeps. */
export interface KeptBatch {
  batchId: string;
  /** When it last kept something, by this machine's clock, epoch ms. */
  at: number;
  rows: number;
}

/** Batches that have rows kept, with how many and when; in no order. */
export async function readKeptBatches(tools: DeleteTools): Promise<KeptBatch[]> {
  const present = await savedBatches(tools);
  if (present.size === 0) return [];
  await tools.settle(UNDO_TABLE);
  const rows = await tools.sql.query<{ batch_id: string; at: number; n: number }>(
    `SELECT batch_id, max(timestamp) at, sum(kept) n FROM ${UNDO_TABLE} GROUP BY batch_id`,
    [],
    'kept rows are counted',
  );
  return rows
    .filter(({ batch_id }) => present.has(batch_id))
    .map(({ batch_id, at, n }) => ({ batchId: batch_id, at, rows: n }));
}
