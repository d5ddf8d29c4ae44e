import { type AdoptionReport, rowsLeftOut } from '@shared/contract';
import { formatTime } from '@shared/market';
import { formatAmount, formatCount } from '../../components';
import type { Candidate } from './candidates';

/** Columns beside prices and volume; a source that lacks them all is told of in two words. */
const OPTIONAL_COLUMNS = 4;

/** `1,440 rows · 2024-06-05 00:00 → 2024-06-05 23:59 · prices and volume only` */
export function contentWords({ candles }: Candidate): string {
  const { rows, first, last, lacking } = candles;
  const without =
    lacking.length === OPTIONAL_COLUMNS
      ? ['prices and volume only']
      : lacking.length > 0
        ? [`without ${lacking.join(', ')}`]
        : [];
  return [formatAmount(rows, 'row'), `${minuteOf(first)} → ${minuteOf(last)}`, ...without].join(' · ');
}

function minuteOf(time: number): string {
  return formatTime(time).slice(0, 16);
}

/** `2 tables and 1 file` */
export function sourcesWords(candidates: readonly Candidate[]): string {
  const files = candidates.filter(({ source }) => 'file' in source).length;
  const tables = candidates.length - files;
  return [
    ...(tables > 0 ? [formatAmount(tables, 'table')] : []),
    ...(files > 0 ? [formatAmount(files, 'file')] : []),
  ].join(' and ');
}

/** What a trial promises, or an adoption has done, in one line. */
export function reportWords(report: AdoptionReport, isTrial: boolean): string {
  const { adopted, rows } = report;
  const what = isTrial ? 'would be adopted' : 'adopted';
  if (adopted === 0) return `None of ${formatAmount(rows, 'row')} ${what}`;
  if (adopted === rows) return rows === 1 ? `Its one row ${what}` : `All ${formatCount(rows)} rows ${what}`;
  return `${formatCount(adopted)} of ${formatAmount(rows, 'row')} ${what}`;
}

/** `Left out: 20 of bars that were there, 3 that cannot be`; null when nothing is. */
export function leftOutWords(report: AdoptionReport): string | null {
  const parts = rowsLeftOut(report).map(([count, words]) => `${formatCount(count)} ${words}`);
  return parts.length > 0 ? `Left out: ${parts.join(', ')}` : null;
}

/** Of what a person has ended; `report` is null where nothing had begun. */
export function leftWords(report: AdoptionReport | null): string {
  if (!report || report.adopted === 0) return 'Ended before any row was adopted';
  return `Ended: ${formatCount(report.adopted)} of the first ${formatAmount(report.rows, 'row')} adopted; they stay, and adopting it again goes on from there`;
}
