import { AppError } from '@shared/contract';
import {
  countBars,
  formatTime,
  intersectRanges,
  type Range,
  type StoredSeries,
  seriesKey,
  verdictClass,
} from '@shared/market';
import type { LedgerEntry } from '../questdb';
import type { CoverageService } from './coverage-service';

type Coverage = Pick<CoverageService, 'report' | 'grid' | 'ledger' | 'entries' | 'recordAnswers'>;

/**
 * Takes the missing bars of `range` that nothing explains as explained, for the reason that a person gives: they are not asked for
 * again until that is withdrawn. Resolves to their number; throws `usage.nothing_to_accept` when there is none. `now` in epoch ms.
 */
export async function acceptGap(
  coverage: Coverage,
  series: StoredSeries,
  range: Range,
  reason: string,
  now: number,
): Promise<number> {
  const { spans } = await coverage.report(series, range);
  const open = spans.filter(({ verdict }) => verdictClass(verdict) === 'unexplained');
  if (open.length === 0)
    throw new AppError(
      'usage.nothing_to_accept',
      `${seriesKey(series)} has no unexplained bar from ${formatTime(range.from)} to ${formatTime(range.to)} UTC; choose a range that has one.`,
    );
  const absent = open.map(({ from, to }) => ({ from, to }));
  const whole = { from: absent[0]!.from, to: absent[absent.length - 1]!.to };
  await say(coverage, series, { outcome: 'accepted', range: whole, absent, evidence: reason }, now);
  return open.reduce((sum, { bars }) => sum + bars, 0);
}

/** Takes that back within `range`. Resolves to the number of bars; throws `usage.nothing_accepted` when none was accepted there. */
export async function withdrawGap(
  coverage: Coverage,
  series: StoredSeries,
  range: Range,
  now: number,
): Promise<number> {
  const { accepted } = await coverage.ledger(series);
  const taken = intersectRanges(
    [range],
    accepted.flatMap(({ ranges }) => ranges),
  );
  if (taken.length === 0)
    throw new AppError(
      'usage.nothing_accepted',
      `Nothing of ${seriesKey(series)} from ${formatTime(range.from)} to ${formatTime(range.to)} UTC was accepted as explained; choose a range that was.`,
    );
  await say(coverage, series, { outcome: 'acceptance_withdrawn', range, absent: [], evidence: '' }, now);
  const grid = await coverage.grid(series);
  return taken.reduce((sum, each) => sum + countBars(grid, each), 0);
}

/** A person's word counts from the moment it is given, whatever clock the entries before it were made by. */
async function say(
  coverage: Coverage,
  series: StoredSeries,
  word: Pick<LedgerEntry, 'outcome' | 'range' | 'absent' | 'evidence'>,
  now: number,
): Promise<void> {
  const key = seriesKey(series);
  const newest = (await coverage.entries(series)).reduce((most, { at }) => Math.max(most, at), 0);
  const at = Math.max(Math.floor(now), Math.floor(newest) + 1);
  await coverage.recordAnswers([{ ...word, at, key, source: 'user', rows: 0, jobId: '' }], new Map([[key, series]]));
}
