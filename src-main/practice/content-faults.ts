import { DAY_MS } from '@shared/market';
import { CSV_HEADERS } from './archive-csv';
import type { ArchiveKind } from './archive-key';
import type { FaultRule } from './fault-rules';

/** Rows as their fields: the twelve of a candle, the seven or eight of a trade. */
type Rows = string[][];

/** Where the fields are that an effect changes. */
interface Shape {
  time: number;
  price: number;
  quantity: number;
  /** Field that gets more digits than a double has. */
  long: number;
}

const SHAPES: Readonly<Record<ArchiveKind, Shape>> = {
  klines: { time: 0, price: 4, quantity: 5, long: 7 },
  aggTrades: { time: 5, price: 1, quantity: 2, long: 2 },
};
/** Ids that get lost, and how far away the ids of a foreign stream are. */
const LOST = 7;
const FOREIGN = 1_000_000_000;
/** A file beyond this is spoilt a chunk (a day of trades) at a time: its rows would not fit the memory. */
const WHOLE_BYTES = 48 << 20;
const ZERO = 48;
const NINE = 57;

/** Applies a content effect to the rows of a file or page. */
function spoilRows(rows: Rows, kind: ArchiveKind, rule: FaultRule): Rows {
  const shape = SHAPES[kind];
  const middle = rows.length >> 1;
  const row = rows[middle];
  if (!row) return rows;
  const replaced = (change: (fields: string[]) => string[]) => replaceAt(rows, middle, change([...row]));
  const changed = (field: number, value: string) => replaced((fields) => replaceAt(fields, field, value));
  switch (rule.effect) {
    case 'duplicate_rows':
      return insertAt(rows, middle, [...row]);
    case 'conflicting_rows':
      return insertAt(rows, middle, replaceAt(row, shape.quantity, '123456.00000000'));
    case 'unsorted_rows':
      return [...rows.slice(middle), ...rows.slice(0, middle)];
    case 'malformed_row':
      return replaced((fields) => fields.slice(0, 5));
    case 'not_a_number':
      return changed(shape.price, 'NaN');
    case 'long_decimals':
      return changed(shape.long, '12345678901234.12345678');
    case 'lacks_day': {
      if (!rule.day) return rows.filter((_, i) => i < rows.length / 3 || i >= (2 * rows.length) / 3);
      const from = Date.parse(`${rule.day}T00:00:00Z`);
      return rows.filter((fields) => {
        const time = Number(fields[shape.time]!.slice(0, 13));
        return time < from || time >= from + DAY_MS;
      });
    }
    case 'truncated_day':
      return rows.slice(0, middle);
    case 'empty_file':
      return [];
    default:
      return kind === 'klines' ? spoilCandles(rows, row, changed, rule) : spoilTrades(rows, middle, row, rule);
  }
}

function spoilCandles(rows: Rows, row: string[], changed: (f: number, v: string) => Rows, rule: FaultRule): Rows {
  if (rule.effect === 'ohlc_violation') return changed(2, '0.00000001');
  if (rule.effect === 'off_grid_row') return changed(0, shifted(row[0]!, 20_799));
  return rows;
}

function spoilTrades(rows: Rows, middle: number, row: string[], rule: FaultRule): Rows {
  switch (rule.effect) {
    case 'lost_ids':
      return [...rows.slice(0, middle), ...rows.slice(middle + LOST)];
    case 'marked_duplicates':
      return replaceAt(rows, middle, [row[0]!, '0', '0', '-1', '-1', ...row.slice(5)]);
    case 'interleaved_ids':
      return rows.flatMap((fields, i) =>
        i < rows.length / 3 || i >= (2 * rows.length) / 3
          ? [fields]
          : [fields, fields.map((text, field) => (IDS.has(field) ? String(Number(text) + FOREIGN) : text))],
      );
    default:
      return rows;
  }
}

const IDS: ReadonlySet<number> = new Set([0, 3, 4]);

function replaceAt<T>(list: readonly T[], index: number, value: T): T[] {
  return [...list.slice(0, index), value, ...list.slice(index + 1)];
}

function insertAt<T>(list: readonly T[], index: number, value: T): T[] {
  return [...list.slice(0, index), value, ...list.slice(index)];
}

function shifted(time: string, ms: number): string {
  return time.length >= 16 ? String(Number(time) + ms * 1_000) : String(Number(time) + ms);
}

/** The chunks of a file with the effect applied; a header keeps its place unless it is what the effect is about. */
export function spoilFile(
  chunks: Iterable<Buffer>,
  kind: ArchiveKind,
  rule: FaultRule,
  wholeBytes = WHOLE_BYTES,
): Buffer[] {
  const all = [...chunks].filter((chunk) => chunk.length > 0);
  const first = all[0]?.[0] ?? ZERO;
  const header = first < ZERO || first > NINE ? all.shift() : undefined;
  const head = rule.effect === 'no_header' ? [] : header ? [header] : [];
  if (rule.effect === 'header_row') return [header ?? Buffer.from(CSV_HEADERS[kind]), ...all];
  const size = all.reduce((sum, chunk) => sum + chunk.length, 0);
  const parts = size > wholeBytes ? all : [Buffer.concat(all)];
  return [...head, ...spoilParts(parts, kind, rule)];
}

function spoilParts(parts: Buffer[], kind: ArchiveKind, rule: FaultRule): Buffer[] {
  const middle = parts.length >> 1;
  if (parts.length === 1) return [spoilText(parts[0]!, kind, rule)];
  switch (rule.effect) {
    case 'lacks_day':
      return rule.day
        ? parts.map((part) => spoilText(part, kind, rule))
        : parts.filter((_, i) => i < parts.length / 3 || i >= (2 * parts.length) / 3);
    case 'unsorted_rows':
      return [...parts.slice(middle), ...parts.slice(0, middle)];
    case 'truncated_day':
      return parts.slice(0, middle);
    case 'empty_file':
      return [];
    default:
      return replaceAt(parts, middle, spoilText(parts[middle]!, kind, rule));
  }
}

function spoilText(csv: Buffer, kind: ArchiveKind, rule: FaultRule): Buffer {
  const rows = csv
    .toString('latin1')
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  const spoilt =
    rule.effect === 'rewritten' || rule.effect === 'stale_checksum'
      ? rewritten(rows, kind)
      : spoilRows(rows, kind, rule);
  return Buffer.from(spoilt.map((fields) => `${fields.join(',')}\n`).join(''), 'latin1');
}

/** What was corrected: one unit more had been traded in the row in the middle. */
function rewritten(rows: Rows, kind: ArchiveKind): Rows {
  const middle = rows.length >> 1;
  const { quantity } = SHAPES[kind];
  const old = rows[middle]?.[quantity];
  if (old === undefined) return rows;
  const decimals = old.split('.')[1]?.length ?? 0;
  return replaceAt(rows, middle, replaceAt(rows[middle]!, quantity, (Number(old) + 1).toFixed(decimals)));
}

const CANDLE_NUMBERS: ReadonlySet<number> = new Set([0, 6, 8]);
const TRADE_KEYS = ['a', 'p', 'q', 'f', 'l', 'T', 'm', 'M'];
const TRADE_TEXTS: ReadonlySet<number> = new Set([1, 2]);

/** The same for a page of JSON rows. */
export function spoilPage(body: Buffer, kind: ArchiveKind, rule: FaultRule): Buffer {
  const page = JSON.parse(body.toString('latin1')) as Record<string, unknown>[];
  const rows = page.map((row) => Object.values(row).map(String));
  const text = (field: string, i: number) =>
    kind === 'klines'
      ? CANDLE_NUMBERS.has(i)
        ? field
        : `"${field}"`
      : `"${TRADE_KEYS[i]}":${TRADE_TEXTS.has(i) ? `"${field}"` : field}`;
  const texts = spoilRows(rows, kind, rule).map((fields) => {
    const inner = fields.map(text).join(',');
    return kind === 'klines' ? `[${inner}]` : `{${inner}}`;
  });
  return Buffer.from(`[${texts.join(',')}]`, 'latin1');
}
