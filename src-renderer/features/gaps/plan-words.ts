import type { BackfillPlan } from '@shared/contract';
import { barWordOf, formatAmount, formatBytes, formatCount, formatDuration, formatShare } from '../../components';

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
