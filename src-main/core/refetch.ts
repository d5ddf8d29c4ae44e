import { randomBytes } from 'node:crypto';
import { AppError, type Finding, REFETCHABLE_FINDINGS, type ReingestResult } from '@shared/contract';
import {
  alignRange,
  barAt,
  type CandleColumns,
  type CandleSeries,
  concatCandles,
  countBars,
  formatTime,
  intersectRanges,
  lowerBound,
  type Range,
  seriesKey,
  sliceCandles,
  subtractRanges,
  unionRanges,
} from '@shared/market';
import type { ExchangeAccess } from '../backfill';
import type { CoverageService } from '../coverage';
import { diffRows, firstOf, type RevertService } from '../provenance';
import type { QuestDbStore } from '../questdb';
import { storedCandles, writeCandles } from './stored-candles';

export interface RefetchOptions {
  store: QuestDbStore;
  coverage: CoverageService;
  exchange: ExchangeAccess;
  reverts: Pick<RevertService, 'prune'>;
  /** Keeps rows for an undo of the job. */
  keepRows: (series: CandleSeries, ranges: readonly Range[], jobId: string) => Promise<void>;
  /** Folder of the workspace for the journal of deletes. */
  folder: string;
}

/** A finding of more bars than this is a case for a backfill after an undo. */
const MOST_BARS = 20_000;

/**
 * Makes the rows of a finding's range exactly what REST says now: other values are written over, rows that the exchange does
 * not have are deleted. What stood there is kept, so that it can be undone. Throws `usage.not_refetchable`, `exchange.*` and
 * `questdb.*`; until the answer is complete nothing is changed.
 */
export async function refetch(
  finding: Finding,
  series: CandleSeries,
  { store, coverage, exchange, reverts, keepRows, folder }: RefetchOptions,
  signal: AbortSignal,
): Promise<ReingestResult> {
  const key = seriesKey(series);
  const grid = await coverage.grid(series);
  const range = alignRange(grid, finding.range);
  refuseUnfit(finding, countBars(grid, range));
  const { candles: fresh, request } = await ask(series, range, exchange, signal);
  const old = await storedCandles(store, series, [range]);
  const diff = diffRows(old, fresh);
  const filled = [...fresh.openTime.subarray(0, fresh.rows)].map((time) => barAt(grid, time));
  const jobId = `refetch-${Date.now()}-${randomBytes(3).toString('hex')}`;
  await keepRows(series, [range], jobId);
  const gone = diff.removed.map((time) => ({ from: time, to: time + 1 }));
  if (gone.length > 0) await store.deleteRows(series, gone, { folder });
  await writeCandles(store, series, grid, { candles: fresh, filled, what: key });
  const at = Math.floor(exchange.now());
  await coverage.recordAnswers(
    [
      {
        at,
        key,
        source: 'rest',
        outcome: 'answered',
        range,
        rows: fresh.rows,
        absent: subtractRanges([range], filled),
        evidence: `REST was asked again for ${formatTime(range.from)} to ${formatTime(range.to)} UTC because of a finding, and its rows took the place of what was stored.`,
        jobId,
        request,
        // All of the range, not only where it has rows now: an undo puts back what was deleted too.
        written: [range],
      },
    ],
    new Map([[key, series]]),
  );
  await coverage.refresh(series);
  await store.findingSet({ ...finding, state: 'fixed' });
  await reverts.prune();
  return {
    jobId,
    key,
    file: 'REST',
    added: diff.added.length,
    removed: diff.removed.length,
    changed: diff.changed.length,
    diff: firstOf(diff),
  };
}

function refuseUnfit({ id, kind }: Finding, bars: number): void {
  if (!REFETCHABLE_FINDINGS.includes(kind))
    throw new AppError('usage.not_refetchable', 'Fetching again cannot settle a finding of this kind.', { id });
  if (bars > MOST_BARS)
    throw new AppError(
      'usage.not_refetchable',
      `The finding covers ${bars.toLocaleString('en')} bars, more than the ${MOST_BARS.toLocaleString('en')} that are fetched again in one go; undo the jobs that wrote them and backfill the range.`,
      { id },
    );
}

async function ask(series: CandleSeries, range: Range, exchange: ExchangeAccess, signal: AbortSignal) {
  const parts: CandleColumns[] = [];
  let settled: Range[] = [];
  let request = '';
  const { symbol, interval } = series;
  for await (const page of exchange.rest(series.market).klines({ symbol, interval, range }, { signal })) {
    request ||= page.request;
    settled = unionRanges(settled, [page.settled]);
    const { candles } = page;
    parts.push(sliceCandles(candles, lowerBound(candles, range.from), lowerBound(candles, range.to)));
  }
  if (subtractRanges([range], intersectRanges(settled, [range])).length > 0)
    throw new AppError(
      'exchange.incomplete',
      `The exchange has not answered for all of ${formatTime(range.from)} to ${formatTime(range.to)} UTC yet; the rows stay as they are.`,
    );
  return { candles: concatCandles(parts), request };
}
