import type { IdRange, Range, RowSource } from '@shared/market';
import { type SqlClient, type SqlValue, timestampText } from './sql-client';

export const LEDGER_TABLE = 'tapemend_ledger';

/** One answer of a source about a range of a series. */
export interface LedgerEntry {
  /** Epoch ms by the exchange's clock. */
  at: number;
  /** Key of the series. */
  key: string;
  /** `adopted` is no source of the exchange: rows that another program had stored. */
  source: RowSource | 'user';
  /**
   * `reverted` takes back every earlier answer of its job about its series, see `standingEntries`. A person's word (source `user`):
   * the bars of `absent` count as explained, `evidence` being the reason, or those of the range no longer do.
   */
  outcome:
    | 'answered'
    | 'failed'
    | 'first_candle'
    | 'last_candle'
    | 'phase'
    | 'reverted'
    | 'accepted'
    | 'acceptance_withdrawn';
  range: Range;
  /** Candles that the source had in the range. */
  rows: number;
  /** Bars of the range that it does not have. */
  absent: Range[];
  /** In words. */
  evidence: string;
  jobId: string;
  /** Name of the archive file, its SHA-256 in hex, and the ETag it was served with. */
  file?: string;
  sha256?: string;
  etag?: string;
  /** The (first) request of an answer that is no file; of adopted rows the table that they were in. */
  request?: string;
  /** Runs of bars that rows of the answer filled; unknown in entries of older versions. For trades: minutes into which rows went. */
  written?: readonly Range[];
  /** Trades: ids that the answer settles for its range, ends included; left out where nothing was traded. */
  ids?: IdRange;
  /** Trades: those of `ids` that the source does not have. */
  lostIds?: readonly IdRange[];
  /** Trades: those of `ids` that the source marks as no trade. */
  markedIds?: readonly IdRange[];
}

interface LedgerRow {
  timestamp: number;
  series: string;
  source: LedgerEntry['source'];
  outcome: LedgerEntry['outcome'];
  range_from: number;
  range_to: number;
  candles: number;
  absent: string | null;
  evidence: string | null;
  job_id: string | null;
  file: string | null;
  sha256: string | null;
  etag: string | null;
  request: string | null;
  written: string | null;
  ids: string | null;
  lost_ids: string | null;
  marked_ids: string | null;
}

const COLUMNS =
  'timestamp, series, source, outcome, range_from, range_to, candles, absent, evidence, job_id, file, sha256, etag, request, written, ids, lost_ids, marked_ids';
const ROWS_PER_INSERT = 500;
const KEYS_PER_QUERY = 200;

/** Resolves when the entries can be read back. The same entry twice is one. */
export async function appendLedger(sql: SqlClient, entries: readonly LedgerEntry[]): Promise<void> {
  for (let start = 0; start < entries.length; start += ROWS_PER_INSERT) {
    const part = entries.slice(start, start + ROWS_PER_INSERT);
    const values: SqlValue[] = [];
    const rows = part.map((entry) => {
      const row: SqlValue[] = [
        timestampText(entry.at),
        entry.key,
        entry.source,
        entry.outcome,
        timestampText(entry.range.from),
        timestampText(entry.range.to),
        entry.rows,
        rangesText(entry.absent),
        entry.evidence,
        entry.jobId,
        entry.file ?? null,
        entry.sha256 ?? null,
        entry.etag ?? null,
        entry.request ?? null,
        entry.written ? rangesText(entry.written) : null,
        entry.ids ? JSON.stringify([entry.ids.from, entry.ids.to]) : null,
        entry.lostIds ? rangesText(entry.lostIds) : null,
        entry.markedIds ? rangesText(entry.markedIds) : null,
      ];
      return `(${row.map((value) => `$${values.push(value)}`).join(', ')})`;
    });
    await sql.query(
      `INSERT INTO ${LEDGER_TABLE} (${COLUMNS}) VALUES ${rows.join(', ')}`,
      values,
      'the ledger is written',
    );
  }
  if (entries.length > 0) await sql.query(`SELECT wait_wal_table('${LEDGER_TABLE}')`, [], 'the ledger is written');
}

/** How many entries a series has, and the time of its newest. */
export interface LedgerCount {
  key: string;
  count: number;
  /** Epoch ms. */
  newest: number;
}

/** Of every series that has entries. */
export function countLedger(sql: SqlClient): Promise<LedgerCount[]> {
  return sql.query<LedgerCount>(
    `SELECT series "key", count() "count", max(timestamp) newest FROM ${LEDGER_TABLE} GROUP BY series`,
    [],
    'the entries of the ledger are counted',
  );
}

/** Rows of one origin that one series has adopted. */
export interface AdoptedRows {
  key: string;
  /** What the entries have as `request` (of a table) or `sha256` (of a file). */
  origin: string;
  rows: number;
}

/** What was adopted and not taken back. */
export async function countAdopted(sql: SqlClient): Promise<AdoptedRows[]> {
  const doing = 'adopted rows are counted';
  const batches = await sql.query<AdoptedRows & { jobId: string }>(
    `SELECT series "key", job_id "jobId", coalesce(sha256, request) origin, sum(candles) "rows" FROM ${LEDGER_TABLE}
      WHERE source = 'adopted' AND outcome = 'answered' GROUP BY series, job_id, coalesce(sha256, request)`,
    [],
    doing,
  );
  if (batches.length === 0) return [];
  const reverted = await sql.query<{ key: string; jobId: string }>(
    `SELECT DISTINCT series "key", job_id "jobId" FROM ${LEDGER_TABLE} WHERE outcome = 'reverted'`,
    [],
    doing,
  );
  const gone = new Set(reverted.map(({ key, jobId }) => `${key} ${jobId}`));
  const standing = new Map<string, AdoptedRows>();
  for (const { key, jobId, origin, rows } of batches) {
    if (gone.has(`${key} ${jobId}`)) continue;
    const id = `${key} ${origin}`;
    standing.set(id, { key, origin, rows: rows + (standing.get(id)?.rows ?? 0) });
  }
  return [...standing.values()];
}

/** Entries of these series (of all, when left out), oldest first. */
export async function readLedger(sql: SqlClient, keys?: readonly string[]): Promise<LedgerEntry[]> {
  const some = keys !== undefined && keys.length <= KEYS_PER_QUERY;
  if (keys?.length === 0) return [];
  const where = some ? `WHERE series IN (${keys.map((_, index) => `$${index + 1}`).join(', ')})` : '';
  const rows = await sql.query<LedgerRow>(
    `SELECT ${COLUMNS} FROM ${LEDGER_TABLE} ${where} ORDER BY timestamp`,
    some ? keys : [],
    'the ledger is read',
  );
  const wanted = keys && !some ? new Set(keys) : null;
  return rows.filter((row) => !wanted || wanted.has(row.series)).map(entryOf);
}

function entryOf(row: LedgerRow): LedgerEntry {
  return {
    at: row.timestamp,
    key: row.series,
    source: row.source,
    outcome: row.outcome,
    range: { from: row.range_from, to: row.range_to },
    rows: row.candles,
    absent: parseRanges(row.absent ?? '[]'),
    evidence: row.evidence ?? '',
    jobId: row.job_id ?? '',
    ...(row.file === null ? {} : { file: row.file }),
    ...(row.sha256 === null ? {} : { sha256: row.sha256 }),
    ...(row.etag === null ? {} : { etag: row.etag }),
    ...(row.request === null ? {} : { request: row.request }),
    ...(row.written === null ? {} : { written: parseRanges(row.written) }),
    ...(row.ids === null ? {} : { ids: parseRanges(`[${row.ids}]`)[0]! }),
    ...(row.lost_ids === null ? {} : { lostIds: parseRanges(row.lost_ids) }),
    ...(row.marked_ids === null ? {} : { markedIds: parseRanges(row.marked_ids) }),
  };
}

function rangesText(ranges: readonly Range[]): string {
  return JSON.stringify(ranges.map(({ from, to }) => [from, to]));
}

function parseRanges(text: string): Range[] {
  return (JSON.parse(text) as [number, number][]).map(([from, to]) => ({ from, to }));
}
