import { createHash } from 'node:crypto';
import type { Finding, FindingState } from '@shared/contract';
import { type SqlClient, type SqlValue, timestampText } from './sql-client';

export const FINDINGS_TABLE = 'tapemend_findings';
const ROWS_PER_INSERT = 500;

/** A finding as it is told for the first time; `subject` tells findings of one kind and range apart (a file, a hash, a row). */
export interface FindingDraft extends Omit<Finding, 'id' | 'state'> {
  subject: string;
}

/** The finding, named by what it is about: found again, it has the same id. */
export function findingOf({ subject, ...draft }: FindingDraft): Finding {
  const about = JSON.stringify([draft.key, draft.kind, draft.range.from, draft.range.to, subject]);
  return { ...draft, id: createHash('sha256').update(about, 'utf8').digest('hex').slice(0, 32), state: 'new' };
}

/**
 * Adds findings, or new states of known ones; resolves to the number of those that are news when they can be read. A finding
 * that comes as `new` once more stays as it is when it was seen or accepted before; one that had been fixed is new again.
 */
export async function appendFindings(sql: SqlClient, findings: readonly Finding[], now: () => number): Promise<number> {
  const newest = new Map(findings.map((finding) => [finding.id, finding]));
  if (newest.size === 0) return 0;
  const known = new Map((await readFindings(sql, {})).map(({ id, state }) => [id, state]));
  const added = [...newest.values()].filter(({ id, state }) => {
    const before = known.get(id);
    return before === undefined || (state === 'new' ? before === 'fixed' : before !== state);
  });
  await writeFindings(sql, added, now);
  return added.length;
}

/** Adds findings as they are, whatever is known of them: a person's word. Resolves when they can be read. */
export async function writeFindings(sql: SqlClient, added: readonly Finding[], now: () => number): Promise<void> {
  if (added.length === 0) return;
  const doing = 'findings are written';
  const last = await sql.query<{ at: number | null }>(`SELECT max(timestamp) at FROM ${FINDINGS_TABLE}`, [], doing);
  // The newest row decides, also after this machine's clock was set back.
  const at = timestampText(Math.max(now(), Math.floor(last[0]?.at ?? 0) + 1));
  for (let start = 0; start < added.length; start += ROWS_PER_INSERT) {
    const values: SqlValue[] = [];
    const rows = added.slice(start, start + ROWS_PER_INSERT).map((finding) => {
      const row: SqlValue[] = [
        at,
        finding.id,
        timestampText(finding.at),
        finding.key,
        finding.kind,
        timestampText(finding.range.from),
        timestampText(finding.range.to),
        finding.sentence,
        JSON.stringify(finding.data ?? null),
        finding.state,
      ];
      return `(${row.map((value) => `$${values.push(value)}`).join(', ')})`;
    });
    await sql.query(
      `INSERT INTO ${FINDINGS_TABLE} (timestamp, id, at, series, kind, range_from, range_to, sentence, data, state) VALUES ${rows.join(', ')}`,
      values,
      doing,
    );
  }
  await sql.query(`SELECT wait_wal_table('${FINDINGS_TABLE}')`, [], doing);
}

interface FindingRow {
  id: string;
  at: number;
  series: string;
  kind: Finding['kind'];
  range_from: number;
  range_to: number;
  sentence: string | null;
  data: string | null;
  state: FindingState;
}

/** Findings with the state of their newest row, newest finding first; of these states and series only, where they are given. */
export async function readFindings(
  sql: SqlClient,
  { states, keys }: { states?: readonly FindingState[]; keys?: readonly string[] },
): Promise<Finding[]> {
  const rows = await sql.query<FindingRow>(
    `SELECT id, at, series, kind, range_from, range_to, sentence, data, state FROM ${FINDINGS_TABLE} LATEST ON timestamp PARTITION BY id`,
    [],
    'findings are read',
  );
  return rows
    .filter((row) => (!states || states.includes(row.state)) && (!keys || keys.includes(row.series)))
    .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
    .map((row) => ({
      id: row.id,
      at: row.at,
      key: row.series,
      kind: row.kind,
      range: { from: row.range_from, to: row.range_to },
      sentence: row.sentence ?? '',
      data: JSON.parse(row.data ?? 'null') as unknown,
      state: row.state,
    }));
}
