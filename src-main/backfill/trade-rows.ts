import {
  intersectRanges,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  subtractRanges,
  type TradeSeries,
  unionRanges,
} from '@shared/market';
import type { PageContext } from './page-context';
import { minuteOf } from './trade-cuts';

/**
 * Before rows are written into minutes that hold rows of other jobs, those are kept for an undo of this one. Rows that no
 * standing answer owns (of a program that was killed) are nobody's, and what this job itself wrote needs no keeping.
 */
export async function keepOthersRows(context: PageContext<TradeSeries>, minutes: readonly Range[]): Promise<void> {
  const { coverage, series, jobId } = context;
  const { runs } = await coverage.storedIds(series);
  const occupied = intersectRanges(
    minutes,
    runs.map(({ firstTime, lastTime }) => ({ from: minuteOf(firstTime), to: minuteOf(lastTime) + MINUTE_MS })),
  );
  if (occupied.length === 0) return;
  const { entries } = await coverage.ledgerWithEntries(series);
  const answers = entries.filter((entry) => entry.outcome === 'answered');
  const owned = (isOwn: boolean) =>
    normalizeRanges(answers.filter((entry) => (entry.jobId === jobId) === isOwn).map((entry) => entry.range));
  const others = subtractRanges(intersectRanges(occupied, owned(false)), owned(true));
  if (others.length > 0) await context.keepRows(series, others, jobId);
}

/** Minutes of an answer that an undo of the job empties: those it wrote into, and those whose rows it had left before it was cut off. */
export async function writtenMinutes(
  context: PageContext<TradeSeries>,
  answer: { range: Range; rows: number; written: readonly Range[] },
): Promise<Range[]> {
  if (!context.ownsStrays || answer.rows === 0) return normalizeRanges(answer.written);
  const { answered } = await context.coverage.ledger(context.series);
  return unionRanges(answer.written, subtractRanges([answer.range], answered));
}
