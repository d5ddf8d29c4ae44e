import { AppError } from '@shared/contract';
import type { CandleTable } from '../store/candle-table';

/** Columns of candle tables that hold integers; every other number is a double. */
const INTEGER_COLUMNS = new Set(['trades', 'agg_id', 'first_trade_id', 'last_trade_id']);

/**
 * One row as a line of QuestDB's line protocol (`precision=ms`), its payload keys being columns. Numbers are written in their
 * shortest exact form. `ts` is in seconds. Throws `usage.bad_payload` for what no column can take.
 */
export function encodePayloadLine(target: CandleTable, ts: number, payload: unknown): string {
  const where = `the event of ${target.table} at ${ts}`;
  if (!Number.isSafeInteger(ts) || ts < 0)
    throw new AppError(
      'usage.bad_payload',
      `An event of ${target.table} cannot be stored: its time ${ts} is no whole second since 1970.`,
    );
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
    throw new AppError('usage.bad_payload', `${where} cannot be stored: its payload is no object of columns.`);
  let line = `${target.table},node_id=${symbolText(target.nodeId)} interval=${target.intervalSeconds}i,ts=${ts}i`;
  for (const [column, value] of Object.entries(payload)) {
    if (value === null || value === undefined) continue;
    if (!/^[A-Za-z_]\w{0,99}$/.test(column) || column === 'ts' || column === 'timestamp')
      throw new AppError('usage.bad_payload', `${where} cannot be stored: "${column}" cannot be a column.`);
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw new AppError(
        'usage.bad_payload',
        `${where} cannot be stored: "${column}" is ${String(value)}, and only numbers can be.`,
      );
    line += `,${column}=${INTEGER_COLUMNS.has(column) && Number.isSafeInteger(value) ? `${value}i` : numberText(value)}`;
  }
  return `${line} ${ts}000\n`;
}

function numberText(value: number): string {
  return Object.is(value, -0) ? '-0.0' : String(value);
}

function symbolText(text: string): string {
  return text.replace(/[ ,=\\]/g, '\\$&');
}
