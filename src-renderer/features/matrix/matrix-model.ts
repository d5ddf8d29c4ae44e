import type { SeriesSummary } from '@shared/contract';
import { compareText, INTERVALS, type Interval, type Market } from '@shared/market';
import type { CoveragePage } from '../../client';
import { quoteAsset } from './quote-asset';
import { addTally, EMPTY_TALLY, type Tally, tallyOf } from './tally';

/** Last part of a series' key: an interval, or what a series without one holds. */
export type ColumnName = string;

export interface MatrixCell {
  readonly key: string;
  /** null for a series that is not followed. */
  readonly summary: SeriesSummary | null;
  /** null while its coverage is being read. */
  readonly page: CoveragePage | null;
}

/** One symbol of one market; `cells` by column. */
export interface MatrixRow {
  readonly id: string;
  readonly market: Market;
  readonly symbol: string;
  readonly quote: string;
  readonly cells: readonly MatrixCell[];
  readonly tally: Tally;
  /** Opens of the oldest and the newest stored candle. */
  readonly first: number | null;
  readonly last: number | null;
}

export interface MatrixGroup {
  readonly id: string;
  readonly quote: string;
  readonly rows: readonly MatrixRow[];
  readonly collapsed: boolean;
  readonly tallies: readonly Tally[];
  readonly tally: Tally;
}

export type MatrixLine =
  | { readonly kind: 'group'; readonly id: string; readonly group: MatrixGroup }
  | { readonly kind: 'row'; readonly id: string; readonly row: MatrixRow };

export interface MatrixModel {
  readonly columns: readonly ColumnName[];
  readonly lines: readonly MatrixLine[];
  /** All rows, those of collapsed groups too. */
  readonly rows: readonly MatrixRow[];
  readonly tallies: readonly Tally[];
  readonly tally: Tally;
}

export type SortBy = 'symbol' | 'missing' | 'first' | 'last' | { readonly column: ColumnName };

export interface MatrixOrder {
  readonly by: SortBy;
  /** The other way round than it is read first: names backwards, few missing bars, late beginnings. */
  readonly reversed: boolean;
}

export interface MatrixOptions {
  readonly order: MatrixOrder;
  readonly grouped: boolean;
  /** Quote assets of groups that are folded. */
  readonly collapsed: ReadonlySet<string>;
  /** Only symbols with alarming gaps. */
  readonly needsAction: boolean;
}

export function columnOf(key: string): ColumnName {
  return key.split(':')[3] ?? '';
}

/** Shortest first; what has no interval stands before all candles. */
export function compareColumns(a: ColumnName, b: ColumnName): number {
  return INTERVALS.indexOf(a as Interval) - INTERVALS.indexOf(b as Interval) || compareText(a, b);
}

/**
 * Symbols by intervals. `shown` are the series that text and interval chips let through: they decide which rows and columns there
 * are. A cell is empty only when nobody follows its series, which `all` tells.
 */
export function buildMatrix(
  all: readonly SeriesSummary[],
  shown: readonly SeriesSummary[],
  pageOf: (key: string) => CoveragePage | null,
  options: MatrixOptions,
): MatrixModel {
  const columns = [...new Set(shown.map((each) => columnOf(each.key)))].sort(compareColumns);
  const followed = new Map(all.map((each) => [each.key, each]));
  const found = new Map<string, SeriesSummary>();
  for (const each of shown) {
    const id = `${each.market}:${each.symbol}`;
    if (!found.has(id)) found.set(id, each);
  }
  let rows = [...found].map(([id, { market, symbol }]) => makeRow(id, market, symbol, columns, followed, pageOf));
  if (options.needsAction) rows = rows.filter((row) => row.tally.alarming > 0);
  const tallies = talliesOf(columns, rows);
  const order = orderOf(options.order, columns);
  rows.sort((a, b) => order(a, b));
  const groups = options.grouped ? groupsOf(rows, columns, options) : null;
  return {
    columns,
    rows,
    lines: groups
      ? groups.flatMap((group) => [
          { kind: 'group' as const, id: group.id, group },
          ...(group.collapsed ? [] : group.rows.map(rowLine)),
        ])
      : rows.map(rowLine),
    tallies,
    tally: tallies.reduce(addTally, EMPTY_TALLY),
  };
}

function rowLine(row: MatrixRow): MatrixLine {
  return { kind: 'row', id: row.id, row };
}

function makeRow(
  id: string,
  market: Market,
  symbol: string,
  columns: readonly ColumnName[],
  followed: ReadonlyMap<string, SeriesSummary>,
  pageOf: (key: string) => CoveragePage | null,
): MatrixRow {
  const cells = columns.map((column): MatrixCell => {
    const key = `binance:${market}:${symbol}:${column}`;
    const summary = followed.get(key) ?? null;
    return { key, summary, page: summary ? pageOf(key) : null };
  });
  let first: number | null = null;
  let last: number | null = null;
  for (const { summary } of cells) {
    if (summary?.first != null && (first === null || summary.first < first)) first = summary.first;
    if (summary?.last != null && (last === null || summary.last > last)) last = summary.last;
  }
  const tally = cells.map(tallyOf).reduce(addTally, EMPTY_TALLY);
  return { id, market, symbol, quote: quoteAsset(market, symbol), cells, tally, first, last };
}

function talliesOf(columns: readonly ColumnName[], rows: readonly MatrixRow[]): Tally[] {
  return columns.map((_, index) => rows.reduce((sum, row) => addTally(sum, tallyOf(row.cells[index]!)), EMPTY_TALLY));
}

/** Groups by quote asset: largest first, or by what the rows are sorted by. */
function groupsOf(rows: readonly MatrixRow[], columns: readonly ColumnName[], options: MatrixOptions): MatrixGroup[] {
  const byQuote = new Map<string, MatrixRow[]>();
  for (const row of rows) {
    const known = byQuote.get(row.quote);
    if (known) known.push(row);
    else byQuote.set(row.quote, [row]);
  }
  const groups = [...byQuote].map(([quote, own]): MatrixGroup => {
    const tallies = talliesOf(columns, own);
    const tally = tallies.reduce(addTally, EMPTY_TALLY);
    return { id: `quote:${quote}`, quote, rows: own, collapsed: options.collapsed.has(quote), tallies, tally };
  });
  const { by, reversed } = options.order;
  if (by === 'symbol') {
    groups.sort((a, b) => b.rows.length - a.rows.length || compareText(a.quote, b.quote));
    return groups;
  }
  // Rows are sorted, so the first of a group is its extreme; sums decide where bars are counted.
  if (by === 'first' || by === 'last') return groups;
  const index = typeof by === 'object' ? columns.indexOf(by.column) : -1;
  const sign = reversed ? -1 : 1;
  const own = (group: MatrixGroup) => (index >= 0 ? group.tallies[index]! : group.tally);
  return groups.sort((a, b) => sign * byMissing(own(a), own(b)) || compareText(a.quote, b.quote));
}

function orderOf({ by, reversed }: MatrixOrder, columns: readonly ColumnName[]) {
  const sign = reversed ? -1 : 1;
  const measure = measureOf(by, columns);
  return (a: MatrixRow, b: MatrixRow) =>
    sign * measure(a, b) || emptyLast(by, a, b) || compareText(a.symbol, b.symbol) || compareText(a.market, b.market);
}

function measureOf(by: SortBy, columns: readonly ColumnName[]): (a: MatrixRow, b: MatrixRow) => number {
  if (by === 'symbol') return (a, b) => compareText(a.symbol, b.symbol);
  if (by === 'missing') return (a, b) => byMissing(a.tally, b.tally);
  if (by === 'first') return (a, b) => (a.first === null || b.first === null ? 0 : a.first - b.first);
  if (by === 'last') return (a, b) => (a.last === null || b.last === null ? 0 : a.last - b.last);
  const index = columns.indexOf(by.column);
  if (index === -1) return () => 0;
  return (a, b) => byMissing(tallyOf(a.cells[index]!), tallyOf(b.cells[index]!));
}

/** What has no beginning comes behind what has one, in either direction. */
function emptyLast(by: SortBy, a: MatrixRow, b: MatrixRow): number {
  if (by !== 'first' && by !== 'last') return 0;
  return Number(a[by] === null) - Number(b[by] === null);
}

/** What alarms most first, then what was asked for least. */
function byMissing(a: Tally, b: Tally): number {
  return b.alarming - a.alarming || b.notAsked - a.notAsked;
}
