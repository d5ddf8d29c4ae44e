import type { Finding, ReingestResult } from '@shared/contract';
import { type CandleSeries, concatCandles, intersectRanges, sliceCandles, subtractRanges } from '@shared/market';
import { selectWanted } from '../backfill';
import { archiveRange, readKlineArchive } from '../binance';
import { diffRows, firstOf } from '../provenance';
import {
  downloadAnew,
  newReingestJob,
  type ReingestTools,
  type ReplacedFile,
  recordReingest,
  requestOf,
} from './reingest';
import { storedCandles, writeCandles } from './stored-candles';

/** Candles of a replaced archive, see `Curation.reingest`. */
export async function reingestCandles(
  finding: Finding,
  series: CandleSeries,
  replaced: ReplacedFile,
  tools: ReingestTools,
  signal: AbortSignal,
): Promise<ReingestResult> {
  const { store, coverage, keepRows } = tools;
  const { file, ranges } = replaced;
  const request = requestOf({ key: finding.key, file });
  const { zip, checksum, etag } = await downloadAnew(request, replaced, tools, signal);
  const { symbol, interval } = series;
  const period = archiveRange(request.period);
  const fresh = await readKlineArchive({ zip, checksum, file, symbol, interval, range: period });
  const old = await storedCandles(store, series, ranges);
  const grid = await coverage.grid(series);
  const { slices, filled } = selectWanted(fresh.candles, grid, ranges);
  const candles = concatCandles(slices.map(({ start, end }) => sliceCandles(fresh.candles, start, end)));
  const { added, removed, changed } = diffRows(old, candles);
  const jobId = newReingestJob();
  await keepRows(series, ranges, jobId);
  await writeCandles(store, series, grid, { candles, filled, what: file });
  return recordReingest(
    {
      finding,
      series,
      replaced,
      request,
      jobId,
      sha256: fresh.sha256,
      etag,
      answers: ranges.map((range) => ({
        range,
        rows: candles.rows,
        absent: subtractRanges([range], filled),
        written: intersectRanges(filled, [range]),
      })),
      noticed: fresh.findings,
      counts: { added: added.length, removed: removed.length, changed: changed.length },
      diff: firstOf({ added, removed, changed }),
    },
    tools,
  );
}
