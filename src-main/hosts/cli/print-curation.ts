import type { Answers, Finding, IngestBatch, ReingestResult, RowChange, RowDiff, TradeDiff } from '@shared/contract';
import { formatTime } from '@shared/market';
import type { UndoneSeries } from '../../core';
import { count, number, range } from './print';

const ROWS_SHOWN = 20;
const ID_SHOWN = 12;

export function findingsText(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No findings.';
  return findings
    .flatMap((finding) => {
      const { reason } = (finding.data ?? {}) as { reason?: string };
      return [
        `${finding.id.slice(0, ID_SHOWN)}  ${finding.state.padEnd(8)}  ${finding.kind.replaceAll('_', ' ')}  ${finding.key}  ${range(finding)}`,
        `  ${finding.sentence}`,
        ...(reason ? [`  accepted: ${reason}`] : []),
      ];
    })
    .join('\n');
}

/** What taking an archive anew, or fetching the range of a finding again, has changed. */
export function reingestText(
  { jobId, key, file, added, removed, changed, diff }: ReingestResult,
  action: 'reingest' | 'refetch',
): string {
  const [done, fate] =
    action === 'reingest'
      ? [`${file} was taken anew into ${key}`, 'no longer in it (kept)']
      : [`${key} was fetched again from ${file}`, `deleted, which ${file} does not have`];
  const rows = 'addedIds' in diff ? tradeLines(diff) : candleLines(diff, action === 'reingest' ? 'kept' : 'deleted');
  const more = added + removed + changed - Math.min(rows.length, ROWS_SHOWN);
  return [
    `${done} as job ${jobId}: ${number(added)} added, ${number(changed)} changed, ${number(removed)} ${fate}.`,
    ...rows.slice(0, ROWS_SHOWN),
    ...(more > 0 ? [`  … and ${count(more, 'more row')}; --json lists the first hundred of each kind`] : []),
  ].join('\n');
}

function candleLines({ added, changed, removed }: RowDiff, fate: string): string[] {
  return [
    ...changed.map(({ openTime, fields }) => `  ~ ${formatTime(openTime)}  ${changeWords(fields)}`),
    ...added.map((openTime) => `  + ${formatTime(openTime)}`),
    ...removed.map((openTime) => `  - ${formatTime(openTime)}  (${fate})`),
  ];
}

function tradeLines({ addedIds, changedTrades, removedIds }: TradeDiff): string[] {
  return [
    ...changedTrades.map(({ aggId, fields }) => `  ~ id ${aggId}  ${changeWords(fields)}`),
    ...addedIds.map((aggId) => `  + id ${aggId}`),
    ...removedIds.map((aggId) => `  - id ${aggId}  (kept)`),
  ];
}

function changeWords(fields: readonly RowChange[]): string {
  return fields.map(({ field, old, fresh }) => `${field} ${old} → ${fresh}`).join(', ');
}

export function archivesText({ checked, stale, failed }: Answers['archives.check']): string {
  if (checked === 0) return 'No stored row rests on an archive file, so there is nothing to check.';
  return [
    `${count(checked, 'file')} checked, ${number(stale.length)} replaced at the source, nothing learned of ${number(failed.length)}.`,
    ...stale.map(({ id, key, sentence }) => `  ${id.slice(0, ID_SHOWN)}  ${key}  ${sentence}`),
    ...failed.map(({ file, reason }) => `  ${file}  ${reason}`),
    ...(stale.length > 0 ? ['Take one anew with: tapemend findings reingest ID'] : []),
  ].join('\n');
}

export function batchesText(batches: readonly IngestBatch[]): string {
  if (batches.length === 0) return 'No job has written anything that could be taken back.';
  return batches
    .map((batch) => {
      const bars = batch.bars === null ? 'rows' : count(batch.bars, 'bar');
      const undone = batch.revertedAt === null ? '' : `  taken back ${formatTime(batch.revertedAt)}`;
      return `${batch.jobId}  ${batch.key}  ${bars}  ${range(batch)}${undone}`;
    })
    .join('\n');
}

export function undoneText(undone: readonly UndoneSeries[]): string {
  return undone
    .map(({ key, removed, restored, failure }) => {
      if (failure) return `${key}  not taken back: ${failure.message}`;
      if (removed + restored === 0) return `${key}  nothing of the job stands there`;
      return `${key}  ${count(removed, 'row')} taken back${restored > 0 ? `, ${count(restored, 'row')} put back as they were` : ''}`;
    })
    .join('\n');
}
