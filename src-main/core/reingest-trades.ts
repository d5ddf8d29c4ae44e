import { AppError, type Finding, type ReingestResult } from '@shared/contract';
import {
  concatTrades,
  type IdRange,
  idRunsOf,
  MINUTE_MS,
  normalizeRanges,
  pickTrades,
  type Range,
  sliceTrades,
  subtractIds,
  type TradeColumns,
  type TradeSeries,
  unionRanges,
} from '@shared/market';
import { minuteOf, TradeCuts } from '../backfill';
import { archiveRange, readAggTradeArchive } from '../binance';
import type { CoverageService } from '../coverage';
import { compareTrades, placeOf, type TradeComparison, toldOf } from '../provenance';
import { encodeTradeLines, type QuestDbStore, tradeTableOf } from '../questdb';
import {
  downloadAnew,
  newReingestJob,
  type ReingestTools,
  type ReplacedFile,
  recordReingest,
  requestOf,
} from './reingest';

const ROWS_PER_REQUEST = 30_000;

/** Trades of a replaced daily file, see `Curation.reingest`. The day lies in memory as a whole, twice. */
export async function reingestTrades(
  finding: Finding,
  series: TradeSeries,
  replaced: ReplacedFile,
  tools: ReingestTools,
  signal: AbortSignal,
): Promise<ReingestResult> {
  const { store, coverage, keepRows, folder } = tools;
  const { file, ranges } = replaced;
  const request = requestOf({ key: finding.key, file });
  const { zip, checksum, etag } = await downloadAnew(request, replaced, tools, signal);
  const range = archiveRange(request.period);
  const whole = await readAggTradeArchive({ zip, checksum, file, symbol: series.symbol, range });
  if (whole.rows === 0)
    throw new AppError('archive.empty', `${file} holds no trade now, so it proves nothing; the rows stay as they are.`);

  const cuts = new TradeCuts(ranges, whole);
  const runs = [...cuts.take(whole.trades)];
  const fresh = concatTrades(runs.map(({ start, end }) => sliceTrades(whole.trades, start, end)));
  const old = await tradesAround(store, series, ranges);
  const comparison = compareTrades(
    old,
    fresh,
    (place) => !isIn(ranges, old.time[place]!) || placeOf(whole.trades, old.aggId[place]!) !== null,
  );
  const { doomed, written, rows } = changesOf(comparison, old, fresh);
  let before = 0;
  for (const run of runs) {
    const end = before + run.end - run.start;
    for (const { place, minutes } of written) if (place >= before && place < end) run.noteWritten(minutes);
    before = end;
  }
  const answers = cuts.answers();

  const jobId = newReingestJob();
  await keepRows(series, unionRanges(ranges, normalizeRanges(written.map(({ minutes }) => minutes))), jobId);
  if (doomed.length > 0) await store.deleteRows(series, doomed, { folder });
  await write(store, series, rows);
  await requireStored(coverage, series, idRunsOf(fresh), file);
  return recordReingest(
    {
      finding,
      series,
      replaced,
      request,
      jobId,
      sha256: whole.sha256,
      etag,
      answers: answers.map(({ range: answered, ids, lostIds, markedIds, rows: count, written: minutes }) => ({
        range: answered,
        rows: count,
        absent: [],
        // All of it rests on the new file now, also the rows that it has as they were.
        written: unionRanges([answered], minutes),
        ...(ids ? { ids } : {}),
        ...(lostIds.length > 0 ? { lostIds } : {}),
        ...(markedIds.length > 0 ? { markedIds } : {}),
      })),
      noticed: whole.findings,
      counts: {
        added: comparison.added.length,
        removed: comparison.removed.length,
        changed: comparison.changed.length,
      },
      diff: toldOf(comparison, old, fresh),
    },
    tools,
  );
}

interface Changes {
  /** Whole minutes of which all rows are written anew: a trade in them has moved in time. */
  doomed: Range[];
  /** Minutes that are written into, each for a place in the fresh trades. */
  written: { place: number; minutes: Range }[];
  rows: TradeColumns[];
}

function changesOf({ added, changed }: TradeComparison, old: TradeColumns, fresh: TradeColumns): Changes {
  const doomed = normalizeRanges(
    changed.filter(({ isMoved }) => isMoved).map((each) => minuteAround(old.time[each.old]!)),
  );
  const written: Changes['written'] = added.map((place) => ({ place, minutes: minuteAround(fresh.time[place]!) }));
  const values = pickTrades(fresh, Uint32Array.from([...added, ...changed.map((each) => each.fresh)]));
  for (const [index, { old: before, fresh: place, isMoved }] of changed.entries()) {
    written.push({ place, minutes: minuteAround(old.time[before]!) });
    if (isMoved) written.push({ place, minutes: minuteAround(fresh.time[place]!) });
    // A row is replaced only by one of the same time, and a finer time is kept.
    else values.time[added.length + index] = old.time[before]!;
  }
  const replaced = new Set(changed.map((each) => each.old));
  const staying: number[] = [];
  for (let place = 0; place < old.rows; place++)
    if (!replaced.has(place) && isIn(doomed, old.time[place]!)) staying.push(place);
  return { doomed, written, rows: [pickTrades(old, Uint32Array.from(staying)), values] };
}

/** Stored trades of the ranges and a minute around them: times step back a little now and then. */
async function tradesAround(
  store: Pick<QuestDbStore, 'readTrades'>,
  series: TradeSeries,
  ranges: readonly Range[],
): Promise<TradeColumns> {
  const parts: TradeColumns[] = [];
  for (const range of normalizeRanges(ranges.map(({ from, to }) => ({ from: from - MINUTE_MS, to: to + MINUTE_MS }))))
    for await (const part of store.readTrades(series, range)) parts.push(part);
  return concatTrades(parts);
}

async function write(store: QuestDbStore, series: TradeSeries, rows: readonly TradeColumns[]): Promise<void> {
  const target = tradeTableOf(series);
  const writer = store.openWriter('us');
  try {
    for (const trades of rows)
      for (let start = 0; start < trades.rows; start += ROWS_PER_REQUEST)
        await writer.writeLines(
          encodeTradeLines(trades, start, Math.min(trades.rows, start + ROWS_PER_REQUEST), target),
        );
  } finally {
    writer.close();
  }
  await store.settle(series);
}

async function requireStored(
  coverage: CoverageService,
  series: TradeSeries,
  ids: readonly IdRange[],
  file: string,
): Promise<void> {
  await coverage.refresh(series);
  const { runs } = await coverage.storedIds(series);
  const stored = runs.map(({ firstId, lastId }) => ({ from: firstId, to: lastId }));
  if (subtractIds(ids, stored).length > 0)
    throw new AppError('questdb.rows_missing', `Rows of ${file} were acknowledged but cannot be read back; try again.`);
}

function minuteAround(us: number): Range {
  const from = minuteOf(us);
  return { from, to: from + MINUTE_MS };
}

function isIn(ranges: readonly Range[], us: number): boolean {
  return ranges.some(({ from, to }) => us >= from * 1_000 && us < to * 1_000);
}
