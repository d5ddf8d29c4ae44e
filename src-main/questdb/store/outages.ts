import type { OutageEvidence } from '@shared/contract';
import type { Market } from '@shared/market';
import { type SqlClient, type SqlValue, timestampText } from './sql-client';

export const OUTAGES_TABLE = 'tapemend_outages';
const ROWS_PER_INSERT = 500;

/** What a person decided about a stop of the exchange. `to` is behind the last missing bar; times in epoch ms. */
export interface OutageDecision {
  id: string;
  state: 'accepted' | 'dismissed' | 'withdrawn';
  market: Market;
  from: number;
  to: number;
  remark: string | null;
  evidence: OutageEvidence | null;
}

/** Adds decisions; resolves when they can be read. */
export async function appendOutages(
  sql: SqlClient,
  decisions: readonly OutageDecision[],
  now: () => number,
): Promise<void> {
  if (decisions.length === 0) return;
  const doing = 'the outage catalogue is written';
  const newest = await sql.query<{ at: number | null }>(`SELECT max(timestamp) at FROM ${OUTAGES_TABLE}`, [], doing);
  // The newest row decides, also after this machine's clock was set back.
  const at = timestampText(Math.max(now(), Math.floor(newest[0]?.at ?? 0) + 1));
  for (let start = 0; start < decisions.length; start += ROWS_PER_INSERT) {
    const values: SqlValue[] = [];
    const rows = decisions.slice(start, start + ROWS_PER_INSERT).map((decision) => {
      const row: SqlValue[] = [
        at,
        decision.id,
        decision.state,
        decision.market,
        timestampText(decision.from),
        timestampText(decision.to),
        decision.remark,
        decision.evidence ? JSON.stringify(decision.evidence) : null,
      ];
      return `(${row.map((value) => `$${values.push(value)}`).join(', ')})`;
    });
    await sql.query(
      `INSERT INTO ${OUTAGES_TABLE} (timestamp, id, state, market, range_from, range_to, remark, evidence) VALUES ${rows.join(', ')}`,
      values,
      doing,
    );
  }
  await sql.query(`SELECT wait_wal_table('${OUTAGES_TABLE}')`, [], doing);
}

interface OutageRow {
  id: string;
  state: OutageDecision['state'];
  market: Market;
  range_from: number;
  range_to: number;
  remark: string | null;
  evidence: string | null;
}

/** The standing decisions, in order of time; `version` grows with each that is made. */
export async function readOutages(sql: SqlClient): Promise<{ version: number; decisions: OutageDecision[] }> {
  const doing = 'the outage catalogue is read';
  const counted = await sql.query<{ n: number }>(`SELECT count() n FROM ${OUTAGES_TABLE}`, [], doing);
  const rows = await sql.query<OutageRow>(
    `SELECT id, state, market, range_from, range_to, remark, evidence FROM ${OUTAGES_TABLE} LATEST ON timestamp PARTITION BY id`,
    [],
    doing,
  );
  const decisions = rows
    .map(({ id, state, market, range_from, range_to, remark, evidence }) => ({
      id,
      state,
      market,
      from: range_from,
      to: range_to,
      remark,
      evidence: evidence === null ? null : (JSON.parse(evidence) as OutageEvidence),
    }))
    .sort((a, b) => a.from - b.from);
  return { version: counted[0]?.n ?? 0, decisions };
}
