import type { CandleColumns } from '@shared/market';
import type { TableColumn } from './table-shape';

/** Fields of a candle with their columns; the first five have to be there. */
const COLUMNS: readonly (readonly [Exclude<keyof CandleColumns, 'rows' | 'openTime'>, string])[] = [
  ['open', 'open'],
  ['high', 'high'],
  ['low', 'low'],
  ['close', 'close'],
  ['volume', 'volume'],
  ['quoteVolume', 'quote_volume'],
  ['trades', 'trades'],
  ['takerBase', 'taker_base'],
  ['takerQuote', 'taker_quote'],
];
const REQUIRED = COLUMNS.slice(0, 5).map(([, column]) => column);
/** A table with so many of the required columns is meant to hold candles. */
const LIKE_CANDLES = 3;
const NUMBERS = /^(DOUBLE|FLOAT|LONG|INT|SHORT|BYTE|DECIMAL.*)$/;
const TEXTS = /^(SYMBOL|VARCHAR|STRING)$/;
/** How columns are called that say of which symbol a row is. */
const SYMBOL_COLUMNS = ['symbol', 'ticker', 'pair', 'instrument', 'coin'];

export interface ForeignColumn extends TableColumn {
  /** Different values that a SYMBOL has. */
  symbolTableSize: number | null;
}

/** How candles can be read from a table. */
export interface ForeignShape {
  table: string;
  /** SQL of a row's time as TIMESTAMP, and what orders the rows. */
  time: string;
  order: string;
  present: typeof COLUMNS;
  lacking: string[];
  isSinglePrecision: boolean;
  hasNodeId: boolean;
  interval: 'seconds' | 'text' | null;
  /** Column that names the symbol of each row, where there is no node id. */
  symbolColumn: string | null;
}

/** A table's shape; a reason in words where it looks like candles and cannot be read as such; null where it does not. */
export function foreignShape(
  table: string,
  columns: readonly TableColumn[],
): { shape: ForeignShape } | { unfit: string } | null {
  const found = new Map(columns.map((column) => [column.column.toLowerCase(), column]));
  const typeOf = (name: string) => found.get(name)?.type ?? '';
  const isNumber = (name: string) => NUMBERS.test(typeOf(name));
  const named = REQUIRED.filter((name) => found.has(name));
  if (named.length < LIKE_CANDLES) return null;
  const wrong = REQUIRED.filter((name) => !isNumber(name)).map((name) =>
    found.has(name) ? `its column ${name} is ${typeOf(name)} instead of a number` : `it has no column ${name}`,
  );
  if (wrong.length > 0) return { unfit: `${wrong.join(', and ')}; give it a view that has them` };
  const designated = columns.find((column) => column.designated);
  if (!designated && !['LONG', 'INT'].includes(typeOf('ts')))
    return { unfit: 'it has neither a designated timestamp nor a column ts in seconds; give it a view that has one' };
  const span = typeOf('interval');
  const present = COLUMNS.filter(([, column]) => isNumber(column));
  const hasNodeId = TEXTS.test(typeOf('node_id'));
  const symbolColumn = SYMBOL_COLUMNS.find((name) => TEXTS.test(typeOf(name)));
  return {
    shape: {
      table,
      time: designated
        ? `cast("${designated.column}" AS TIMESTAMP)`
        : 'cast(cast("ts" AS LONG) * 1000000 AS TIMESTAMP)',
      order: designated ? `"${designated.column}"` : '"ts"',
      present,
      lacking: COLUMNS.filter(([, column]) => !isNumber(column)).map(([, column]) => column),
      isSinglePrecision: present.some(([, column]) => typeOf(column) === 'FLOAT'),
      hasNodeId,
      interval: /^(INT|LONG|SHORT)$/.test(span) ? 'seconds' : TEXTS.test(span) ? 'text' : null,
      symbolColumn: hasNodeId || !symbolColumn ? null : found.get(symbolColumn)!.column,
    },
  };
}
