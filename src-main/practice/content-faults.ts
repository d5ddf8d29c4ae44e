import { DAY_MS } from '@shared/market';
import type { FaultRule } from './faults';

/** Rows as their fields: the twelve of a candle. */
type Rows = string[][];

/** Applies a content effect to the rows of a file or page. */
export function spoilRows(rows: Rows, rule: FaultRule): Rows {
  const middle = rows.length >> 1;
  const row = rows[middle];
  if (!row) return rows;
  const replaced = (change: (fields: string[]) => string[]) => replaceAt(rows, middle, change([...row]));
  const changed = (field: number, value: string) => replaced((fields) => replaceAt(fields, field, value));
  switch (rule.effect) {
    case 'duplicate_rows':
      return insertAt(rows, middle, [...row]);
    case 'conflicting_rows':
      return insertAt(rows, middle, replaceAt(row, 5, '123456.00000000'));
    case 'unsorted_rows':
      return [...rows.slice(middle), ...rows.slice(0, middle)];
    case 'malformed_row':
      return replaced((fields) => fields.slice(0, 5));
    case 'not_a_number':
      return changed(4, 'NaN');
    case 'ohlc_violation':
      return changed(2, '0.00000001');
    case 'off_grid_row':
      return changed(0, shifted(row[0]!, 20_799));
    case 'long_decimals':
      return changed(7, '12345678901234.12345678');
    case 'lacks_day': {
      if (!rule.day) return rows.filter((_, i) => i < rows.length / 3 || i >= (2 * rows.length) / 3);
      const from = Date.parse(`${rule.day}T00:00:00Z`);
      return rows.filter(([open]) => {
        const time = Number(open!.slice(0, 13));
        return time < from || time >= from + DAY_MS;
      });
    }
    case 'truncated_day':
      return rows.slice(0, middle);
    case 'empty_file':
      return [];
    default:
      return rows;
  }
}

function replaceAt<T>(list: readonly T[], index: number, value: T): T[] {
  return [...list.slice(0, index), value, ...list.slice(index + 1)];
}

function insertAt<T>(list: readonly T[], index: number, value: T): T[] {
  return [...list.slice(0, index), value, ...list.slice(index)];
}

function shifted(time: string, ms: number): string {
  return time.length >= 16 ? String(Number(time) + ms * 1_000) : String(Number(time) + ms);
}

const HEADER =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n';

export function spoilCsv(csv: Buffer, rule: FaultRule): Buffer {
  if (rule.effect === 'rewritten' || rule.effect === 'stale_checksum') return csv;
  const text = csv.toString('latin1');
  if (rule.effect === 'header_row') return Buffer.from(HEADER + text, 'latin1');
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const lines = spoilRows(rows, rule).map((fields) => `${fields.join(',')}\n`);
  return Buffer.from(lines.join(''), 'latin1');
}

const NUMBERS: ReadonlySet<number> = new Set([0, 6, 8]);

/** The same for a page of JSON rows. */
export function spoilPage(body: Buffer, rule: FaultRule): Buffer {
  const rows = (JSON.parse(body.toString('latin1')) as (string | number)[][]).map((row) => row.map(String));
  const texts = spoilRows(rows, rule).map(
    (row) => `[${row.map((field, i) => (NUMBERS.has(i) ? field : `"${field}"`)).join(',')}]`,
  );
  return Buffer.from(`[${texts.join(',')}]`, 'latin1');
}
