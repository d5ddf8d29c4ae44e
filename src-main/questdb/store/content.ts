import { alignRange, countBars, DAY_MS, type Grid, intervalMs, type Range } from '@shared/market';
import { type CandleTable, ownRows } from './candle-table';
import { readAllPages } from './cursor-pages';
import { type AddressSource, type SqlClient, timestampText } from './sql-client';

/** Breaks are few; memory for many more would be most of what a look at a small table costs. */
const BREAKS_A_PAGE = 1_000;

/** What the rows of a table say, derived from nothing else. */
export interface SeriesContent {
  /** Bars that hold at least one row. */
  bars: number;
  /** Opens of the first and last of them; null when there is none. */
  first: number | null;
  last: number | null;
  /** Maximal runs of such bars, half-open, ascending. */
  present: Range[];
  /** Rows in which nothing was traded, see `FLAT`. */
  flat: number;
}

export const EMPTY_CONTENT: SeriesContent = { bars: 0, first: null, last: null, present: [], flat: 0 };

/** SQL condition for candles in which nothing was traded. Tables that others wrote may not know the number of trades. */
const FLAT = '(trades = 0 OR (trades IS NULL AND volume = 0))';

/**
 * Content of the series' rows whose bars open in `range` (all, when left out). A row off the grid counts in its bar, several
 * rows of a bar count once. The table has to exist.
 *
 * Short bars ask for the places only where two neighbouring rows are not one bar apart; between them rows follow at exact
 * steps, so the rows themselves need not be read. Bars of a day or more are few (and months differ), so all are read.
 */
export async function readContent(
  address: AddressSource,
  table: CandleTable,
  grid: Grid,
  range?: Range,
): Promise<SeriesContent> {
  const runs = new BarRuns(grid);
  const rows = `FROM "${table.table}" WHERE ${ownRows(table)}${range ? ` AND ${within(alignRange(grid, range))}` : ''}`;
  const step = intervalMs(grid.interval);
  const whole = await readLast(address, rows);
  if (whole === null) return EMPTY_CONTENT;
  const { last, flat } = whole;
  if (step >= DAY_MS) {
    for await (const [times] of readPages(
      address,
      `SELECT timestamp ${rows} AND timestamp <= '${timestampText(last)}'`,
      1,
    ))
      for (const time of times!) runs.add(time, time);
    return { ...runs.content(), flat };
  }
  const breaks = `SELECT previous, timestamp FROM (
      SELECT timestamp, lag(timestamp) OVER (ORDER BY timestamp) AS previous ${rows} AND timestamp <= '${timestampText(last)}')
    WHERE previous IS NULL OR timestamp - previous <> ${step * 1000}`;
  let from: number | null = null;
  for await (const [previous, times] of readPages(address, breaks, 2)) {
    times!.forEach((time, index) => {
      const before = previous![index]!;
      if (from !== null && !Number.isNaN(before)) runs.add(from, before);
      from = time;
    });
  }
  if (from !== null) runs.add(from, last);
  return { ...runs.content(), flat };
}

/** More runs than this are not worth a statement of their own. */
const MOST_RUNS_COUNTED = 40;

/** What is stored of some runs of bars. */
export interface StoredAmong {
  present: readonly Range[];
  /** Rows within the runs in which nothing was traded. */
  flat: number;
}

/**
 * The bars around `runs` (normal ranges of whole bars) that are stored: just the runs when all of them are. That is told by one
 * count, since rows are deduplicated by their time, so that as many rows on the grid as bars are one in each; only when the
 * count differs the content is read. The table has to exist.
 */
export async function readPresentAmong(
  sql: SqlClient,
  address: AddressSource,
  table: CandleTable,
  grid: Grid,
  runs: readonly Range[],
): Promise<StoredAmong> {
  const [first, last] = [runs[0], runs[runs.length - 1]];
  if (!first || !last) return { present: [], flat: 0 };
  const hull = { from: first.from, to: last.to };
  if (grid.interval !== '1M' && runs.length <= MOST_RUNS_COUNTED) {
    const inRuns = runs.length === 1 ? '' : `AND (${runs.map(within).join(' OR ')})`;
    const rows = `FROM "${table.table}" WHERE ${ownRows(table)} AND ${within(hull)} ${inRuns} AND ${onGrid(grid)}`;
    const [row] = await sql.query<{ n: number; flat: number }>(
      besideFlat('count() n', 'n', rows),
      [],
      'written rows are read back',
    );
    if (row?.n === runs.reduce((sum, run) => sum + countBars(grid, run), 0)) return { present: runs, flat: row.flat };
  }
  const { present } = await readContent(address, table, grid, hull);
  return { present, flat: await countFlatWithin(address, table, runs, hull) };
}

async function countFlatWithin(
  address: AddressSource,
  table: CandleTable,
  runs: readonly Range[],
  hull: Range,
): Promise<number> {
  const sql = `SELECT timestamp FROM "${table.table}" WHERE ${ownRows(table)} AND ${within(hull)} AND ${FLAT}`;
  let flat = 0;
  let at = 0;
  for await (const [times] of readPages(address, sql, 1))
    for (const time of times!) {
      while (runs[at]!.to <= time) at++;
      if (runs[at]!.from <= time) flat++;
    }
  return flat;
}

/** Rows with a time in the range in which nothing was traded. The table has to exist. */
export async function countFlat(sql: SqlClient, table: CandleTable, range: Range): Promise<number> {
  const [row] = await sql.query<{ flat: number }>(
    `SELECT count() flat FROM "${table.table}" WHERE ${ownRows(table)} AND ${within(range)} AND ${FLAT}`,
    [],
    'flat candles are counted',
  );
  return row!.flat;
}

/** One value of `rows` (a FROM with its conditions), and how many of them are flat: one statement over both takes the server five times as long. */
function besideFlat(value: string, name: string, rows: string): string {
  return `SELECT ${name}, flat FROM (SELECT ${value} ${rows}) CROSS JOIN (SELECT count() flat ${rows} AND ${FLAT})`;
}

/** Open of the last candle before `time` in which something was traded; null when there is none. The table has to exist. */
export async function readLastTraded(sql: SqlClient, table: CandleTable, time: number): Promise<number | null> {
  const [row] = await sql.query<{ timestamp: number }>(
    `SELECT timestamp FROM "${table.table}" WHERE ${ownRows(table)} AND timestamp < '${timestampText(time)}' AND NOT ${FLAT}
      ORDER BY timestamp DESC LIMIT 1`,
    [],
    'flat candles before a gap are counted',
  );
  return row?.timestamp ?? null;
}

/** Not by the remainder, which the server does not compile: that takes it three times as long. */
function onGrid(grid: Grid): string {
  const [origin, step] = [grid.openAt(0) * 1000, intervalMs(grid.interval) * 1000];
  const since = origin === 0 ? 'timestamp' : `(timestamp - ${origin})`;
  return `${since} / ${step} * ${step} = ${since}`;
}

function within(range: Range): string {
  return `timestamp >= '${timestampText(range.from)}' AND timestamp < '${timestampText(range.to)}'`;
}

/** The newest row is read first, so that rows which arrive meanwhile belong to the next reading. */
async function readLast(address: AddressSource, rows: string): Promise<{ last: number; flat: number } | null> {
  const sql = besideFlat('max(timestamp) last', 'last', rows);
  for await (const page of readAllPages(address, sql, ['timestamp', 'long'], 1)) {
    const last = page.columns[0]![0];
    if (page.rows > 0 && last !== undefined && !Number.isNaN(last)) return { last, flat: page.columns[1]![0]! };
  }
  return null;
}

async function* readPages(
  address: AddressSource,
  sql: string,
  columns: number,
  pageRows = BREAKS_A_PAGE,
): AsyncGenerator<Float64Array[]> {
  const kinds = new Array<'timestamp'>(columns).fill('timestamp');
  for await (const page of readAllPages(address, sql, kinds, pageRows))
    yield page.columns.map((column) => column.subarray(0, page.rows));
}

/** Collects runs of rows, in order of their beginnings, as runs of bars. */
class BarRuns {
  readonly #grid: Grid;
  readonly #present: { from: number; to: number }[] = [];

  constructor(grid: Grid) {
    this.#grid = grid;
  }

  add(firstRow: number, lastRow: number): void {
    const { indexOf, openAt } = this.#grid;
    const from = openAt(indexOf(firstRow));
    const to = openAt(indexOf(lastRow) + 1);
    const previous = this.#present[this.#present.length - 1];
    if (previous && from <= previous.to) previous.to = Math.max(previous.to, to);
    else this.#present.push({ from, to });
  }

  content(): Omit<SeriesContent, 'flat'> {
    const present = this.#present;
    const last = present[present.length - 1];
    return {
      bars: present.reduce((sum, range) => sum + countBars(this.#grid, range), 0),
      first: present[0]?.from ?? null,
      last: last ? this.#grid.openAt(this.#grid.indexOf(last.to) - 1) : null,
      present,
    };
  }
}
