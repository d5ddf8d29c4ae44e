import type { Finding, FindingKind, FindingState, ReingestResult, VerifySeries } from '@shared/contract';
import { formatAmount, formatCount } from '../../components';

export const KIND_WORDS: Record<FindingKind, string> = {
  stale_archive: 'Archive replaced',
  checksum_mismatch: 'Checksum differs',
  bad_archive: 'Archive refused',
  bad_rows: 'Rows refused',
  conflicting_rows: 'Rows contradict each other',
  duplicate_rows: 'Duplicate rows',
  unsorted_rows: 'Unsorted rows',
  off_grid_rows: 'Off the grid',
  inexact_decimals: 'Inexact decimals',
  marked_rows: 'Rows that are no trades',
  lost_trades: 'Lost trades',
  archive_lacks_rows: 'Archive lacks rows',
  lost_rows: 'Rows lost on the way',
  row_diff: 'Rows differ',
  impossible_candle: 'Impossible candle',
  price_jump: 'Price jump',
  volume_outlier: 'Volume outlier',
  archive_seam: 'Step at a seam',
  filled_candle: 'Filled hole',
  phantom_candle: 'Candle in a stop',
  stale_candle: 'Stale candle',
  rollup_difference: 'Intervals differ',
  trade_difference: 'Trades differ',
  source_difference: 'Source differs',
  content_difference: 'Table differs from memory',
  other: 'Other',
};

export const STATE_WORDS: Record<FindingState, string> = { new: 'New', accepted: 'Accepted', fixed: 'Fixed' };

export interface FindingFilter {
  /** null lets every state through; so does null for the kind. */
  readonly state: FindingState | null;
  readonly kind: FindingKind | null;
}

/** Newest first. */
export function matchingFindings(findings: readonly Finding[], filter: FindingFilter): Finding[] {
  return findings
    .filter(
      (each) =>
        (filter.state === null || each.state === filter.state) && (filter.kind === null || each.kind === filter.kind),
    )
    .sort((a, b) => b.at - a.at);
}

export function reingestWords({ added, changed, removed, file }: ReingestResult): string {
  if (added + changed + removed === 0) return `${file} was taken anew: its rows are those that are stored.`;
  const parts = [
    `${formatCount(added)} added`,
    `${formatCount(changed)} changed`,
    `${formatCount(removed)} no longer in it${removed > 0 ? ' (kept)' : ''}`,
  ];
  return `${file} was taken anew: ${parts.join(', ')}.`;
}

export function refetchWords({ added, changed, removed }: ReingestResult): string {
  if (added + changed + removed === 0) return 'The exchange says what is stored; nothing was changed.';
  return `Fetched again: ${formatCount(changed)} changed, ${formatCount(added)} added, ${formatCount(removed)} deleted.`;
}

/** What audits of several series came to. */
export function auditWords(audited: readonly VerifySeries[]): string {
  const sum = (pick: (each: VerifySeries) => number) => audited.reduce((total, each) => total + pick(each), 0);
  const faults = sum(({ faults }) => faults);
  const remarks = sum(({ findings }) => findings.length) - faults;
  const compared = sum(({ compared }) => compared);
  const failure = audited.flatMap(({ failures }) => failures)[0];
  if (compared === 0 && !failure) return 'There was nothing to hold against each other.';
  const words = `${formatAmount(compared, 'candle')} of ${formatCount(audited.length)} series looked at: ${formatAmount(faults, 'fault')}, ${formatAmount(remarks, 'remark')}`;
  return failure ? `${words}. Not everything could be asked: ${failure}` : `${words}.`;
}

export interface CheckResult {
  readonly checked: number;
  readonly stale: readonly Finding[];
  readonly failed: readonly { readonly file: string; readonly reason: string }[];
}

export function checkWords({ checked, stale, failed }: CheckResult): string {
  if (checked === 0) return 'No stored row rests on an archive file, so there is nothing to check.';
  const replaced = stale.length === 0 ? 'none was replaced' : `${formatCount(stale.length)} replaced`;
  const first = failed[0];
  const away = first
    ? `; nothing could be learned of ${formatAmount(failed.length, 'file')}: ${first.file}: ${first.reason}`
    : '.';
  return `${formatAmount(checked, 'file')} checked, ${replaced}${away}`;
}

/** Why a person has accepted it, as far as that was said. */
export function reasonOf({ data }: Finding): string | null {
  const { reason } = (data ?? {}) as { reason?: unknown };
  return typeof reason === 'string' ? reason : null;
}
