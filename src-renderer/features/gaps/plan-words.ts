import type { BackfillPlan } from '@shared/contract';
import {
  barWordOf,
  formatAmount,
  formatBars,
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatShare,
} from '../../components';

/** What will be asked of whom: `1 monthly file, 2 daily files, 9 requests`. */
export function planSources(plan: BackfillPlan): string {
  const { archiveMonthly, archiveDaily, rest } = plan.totals;
  const parts = [
    archiveMonthly > 0 ? formatAmount(archiveMonthly, 'monthly file') : '',
    archiveDaily > 0 ? formatAmount(archiveDaily, 'daily file') : '',
    rest > 0 ? formatAmount(rest, 'request') : '',
  ].filter(Boolean);
  return parts.join(', ') || 'nothing';
}

/** The lines of the plan card, label and value. */
export function planLines(plan: BackfillPlan): readonly (readonly [string, string])[] {
  const { totals, series } = plan;
  const asked = series.reduce((sum, each) => sum + each.asked, 0);
  const present = series.reduce((sum, each) => sum + each.alreadyPresent, 0);
  const absent = series.reduce((sum, each) => sum + each.knownAbsent, 0);
  const lines: [string, string][] = [];
  const keys = new Set(series.map((each) => each.key)).size;
  if (totals.gaps > 0 && keys > 1) lines.push(['Gaps', `${formatCount(totals.gaps)} in ${formatCount(keys)} series`]);
  else if (totals.gaps > 1) lines.push(['Gaps', formatCount(totals.gaps)]);
  if (present > 0) lines.push(['Already present', formatShare(present, asked)]);
  if (absent > 0) lines.push(['Known absent', formatAmount(absent, barWordOf(series.map((each) => each.key)))]);
  if (totals.bars === 0) return lines;
  if (totals.estimatedTrades !== undefined)
    lines.push(['Trades', `about ${formatCount(totals.estimatedTrades)}, an estimate`]);
  lines.push(['Plan', planSources(plan)]);
  lines.push(['Fetch', `${formatBytes(totals.bytes)} · weight ${totals.weight}`]);
  lines.push(['About', formatDuration(totals.estimateMs)]);
  return lines;
}

/**
 * The button's text, which is the plan in short: `Repair 1,440 bars`, of several gaps `Repair 214 gaps (1.2 M bars, about 9 s)`.
 */
export function buttonWords(verb: 'Repair' | 'Fetch', { totals }: BackfillPlan, word: 'bar' | 'minute'): string {
  if (verb === 'Fetch' || totals.gaps < 2) return `${verb} ${formatBars(totals.bars, word)}`;
  const gaps = formatAmount(totals.gaps, 'gap');
  return `${verb} ${gaps} (${formatCompact(totals.bars)} ${word}s, about ${formatDuration(totals.estimateMs)})`;
}
