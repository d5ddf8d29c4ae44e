import { join } from 'node:path';
import { type Answers, AppError, type RequestBody, requireStoredSeries } from '@shared/contract';
import { askedTries, seriesWord } from '@shared/market';
import type { CoverageService } from '../coverage';
import { replaceFile } from '../files';

const COLUMNS = 'market,symbol,interval,from,to,bars,verdict,tried,next_try,evidence';

/**
 * Writes gaps with their evidence into a CSV file (RFC 4180, UTC times as ISO 8601, `to` is behind the last missing bar) of the
 * workspace's `exports` folder. Throws `usage.no_gaps` when there is none, `workspace.disk_full` and `workspace.unwritable`.
 */
export async function exportGaps(
  coverage: Pick<CoverageService, 'gaps'>,
  workspace: string,
  { items, verdicts }: RequestBody<'gaps.export'>,
  now = Date.now(),
): Promise<Answers['gaps.export']> {
  const wanted = new Set(verdicts);
  const lines = [COLUMNS];
  for (const { key, range } of items) {
    const series = requireStoredSeries(key);
    for (const gap of await coverage.gaps(series, range)) {
      if (!wanted.has(gap.verdict)) continue;
      const { market, symbol } = series;
      const times = [gap.from, gap.to].map((t) => new Date(t).toISOString());
      const tried = askedTries(gap.proofs)?.count ?? 0;
      const nextTry = gap.nextTry === undefined ? '' : new Date(gap.nextTry).toISOString();
      const evidence = field(gap.evidence.join(' '));
      lines.push(
        [market, symbol, seriesWord(series), ...times, gap.bars, gap.verdict, tried, nextTry, evidence].join(),
      );
    }
  }
  if (lines.length === 1) throw new AppError('usage.no_gaps', 'There is no gap to export any more; choose others.');
  const stamp = new Date(now).toISOString().slice(0, 19).replaceAll(':', '');
  const path = join(workspace, 'exports', `gaps-${stamp}Z.csv`);
  try {
    await replaceFile(path, `${lines.join('\r\n')}\r\n`);
  } catch (error) {
    throw exportFailure(error as NodeJS.ErrnoException, path);
  }
  return { path, gaps: lines.length - 1 };
}

/** Quoted, and never taken for a formula by a spreadsheet: evidence repeats what servers have answered. */
function field(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function exportFailure(error: NodeJS.ErrnoException, path: string): AppError {
  const full = error.code === 'ENOSPC' || error.code === 'EDQUOT';
  return new AppError(
    full ? 'workspace.disk_full' : 'workspace.unwritable',
    full
      ? `The disk of ${path} is full; free some space, then export again.`
      : `${path} cannot be written (${error.message}); check the disk and permissions.`,
    undefined,
    { cause: error },
  );
}
