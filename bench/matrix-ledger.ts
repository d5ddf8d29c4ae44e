import {
  type CandleSeries,
  candleSeries,
  gridOf,
  type Interval,
  type Range,
  seriesKey,
  subtractRanges,
  tableName,
} from '@shared/market';
import { archiveFileName } from '../src-main/binance';
import { despiteRestarts } from '../src-main/core';
import type { CoverageCache } from '../src-main/coverage';
import type { QuestDbStore } from '../src-main/questdb';

const SYMBOLS = 500;
const INTERVALS: readonly Interval[] = ['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w'];
export const FROM = Date.UTC(2018, 0, 1);
const YEARS = 8;
export const NOW = Date.UTC(2018 + YEARS, 0, 1);
/** A file of every month answered, as a backfill from archives leaves it. */
export const ENTRIES = SYMBOLS * INTERVALS.length * (YEARS * 12 + 1);
const ENTRIES_PER_BODY = 20_000;

export const MATRIX_SERIES: readonly CandleSeries[] = Array.from({ length: SYMBOLS }, (_, n) =>
  INTERVALS.map((interval) => candleSeries(`S${String(n).padStart(3, '0')}USDT`, interval)),
).flat();

/** Hours of the exchange's stops, and of every fifth series an own hole besides. */
function holesOf(index: number): Range[] {
  const stops = [
    [Date.UTC(2018, 5, 26, 2), 8],
    [Date.UTC(2019, 4, 15, 3), 10],
    [Date.UTC(2020, 1, 19, 11), 6],
    [Date.UTC(2021, 3, 25, 4), 5],
    [Date.UTC(2021, 7, 13, 2), 5],
    ...(index % 5 === 0 ? [[Date.UTC(2022, 2, 3, 7), 4]] : []),
  ] as const;
  return stops.map(([from, hours]) => ({ from, to: from + hours * 3_600_000 }));
}

/** Fills the ledger of 500 symbols in eight intervals and eight years. Lines instead of statements: only reading is measured. */
export async function fillLedger(store: QuestDbStore): Promise<void> {
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    await store.writeLines(Buffer.from(lines.join('')));
    lines = [];
  };
  let at = NOW - ENTRIES;
  for (const [index, series] of MATRIX_SERIES.entries()) {
    const holes = holesOf(index);
    const first = { from: FROM, to: FROM + 1 };
    lines.push(line(series, 'rest', 'first_candle', { range: first, absent: [], rows: 0, file: null, at: at++ }));
    for (let month = 0; month < YEARS * 12; month++) {
      const range = { from: Date.UTC(2018, month), to: Date.UTC(2018, month + 1) };
      const absent = whole(
        series,
        holes.filter((hole) => hole.from >= range.from && hole.to <= range.to),
      );
      const period = { tier: 'archiveMonthly', year: 2018 + Math.floor(month / 12), month: (month % 12) + 1 } as const;
      const file = archiveFileName(series.symbol, series.interval, period);
      lines.push(line(series, 'archiveMonthly', 'answered', { range, absent, rows: 44_640, file, at: at++ }));
    }
    if (lines.length >= ENTRIES_PER_BODY) await flush();
  }
  await flush();
  await store.settleTable('tapemend_ledger');
}

/** A table of every series, and its content as an earlier program remembered it. */
export async function fillTables(store: QuestDbStore, cache: CoverageCache): Promise<void> {
  // The server keeps the files of a new table open for some seconds, and so may run out of them where thousands are made at once.
  for (let at = 0; at < MATRIX_SERIES.length; at += 4)
    await Promise.all(
      MATRIX_SERIES.slice(at, at + 4).map((series) => despiteRestarts(() => store.ensureCandleTable(series))),
    );
  const overview = await store.tablesOverview();
  for (const [index, series] of MATRIX_SERIES.entries()) {
    const grid = gridOf(series.interval);
    const range = { from: grid.openAt(grid.indexOf(FROM)), to: grid.openAt(grid.indexOf(NOW)) };
    const present = subtractRanges([range], whole(series, holesOf(index)));
    const bars = present.reduce((sum, run) => sum + grid.indexOf(run.to) - grid.indexOf(run.from), 0);
    const { version } = overview.get(tableName(series))!;
    await cache.write(tableName(series), version, { bars, first: range.from, last: range.to, present, flat: 0 });
  }
}

/** Whole bars of the series that lie within the ranges. */
function whole(series: CandleSeries, ranges: readonly Range[]): Range[] {
  const grid = gridOf(series.interval);
  return ranges
    .map(({ from, to }) => ({ from: grid.openAt(grid.indexOf(from - 1) + 1), to: grid.openAt(grid.indexOf(to)) }))
    .filter(({ from, to }) => from < to);
}

interface Entry {
  range: Range;
  absent: readonly Range[];
  rows: number;
  file: string | null;
  at: number;
}

function line(series: CandleSeries, source: string, outcome: string, entry: Entry): string {
  const { range, absent, rows, file, at } = entry;
  const runs = (list: readonly Range[]) => `"${JSON.stringify(list.map((run) => [run.from, run.to]))}"`;
  const sha256 = `"${at.toString(16).padStart(64, 'f1e2d3c4b5a69788')}"`;
  const evidence =
    file === null
      ? `"REST was asked for the first candle of ${series.symbol}."`
      : `"Monthly archive ${file} (SHA-256 ${sha256.slice(1, 17)}… verified) has all bars asked of it."`;
  const ofFile = file === null ? '' : `,file="${file}",sha256=${sha256},etag="${at.toString(16).padStart(34, '0')}"`;
  return (
    `tapemend_ledger,series=${seriesKey(series)},source=${source},outcome=${outcome} ` +
    `range_from=${range.from * 1000}t,range_to=${range.to * 1000}t,candles=${rows}i,absent=${runs(absent)},evidence=${evidence},` +
    `job_id="20260101T000000-1a2b3c"${ofFile},written=${runs(subtractRanges([range], absent))} ${at}\n`
  );
}
