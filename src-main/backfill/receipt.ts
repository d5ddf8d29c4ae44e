import type { Receipt, SeriesReceipt, SourceTier, TradeReceipt } from '@shared/contract';
import { countBars, type Range, type StoredSeries, seriesKey, tableName, verdictClass } from '@shared/market';
import type { CoverageService } from '../coverage';
import { provenanceOf, provenanceRecords } from '../provenance';

/** Findings listed in a receipt; more are counted. */
const MOST_FINDINGS = 50;

/** What a series' part of a job came to, read back from the store (the coverage model was refreshed from content). */
export async function seriesReceipt(
  coverage: CoverageService,
  series: StoredSeries,
  range: Range,
  before: { asked: number; alreadyPresent: number },
  work: {
    sources: Record<SourceTier, number>;
    findings: readonly string[];
    nodeId: string;
    /** Records of provenance to list. */
    mostProvenance: number;
    trades?: TradeReceipt;
  },
): Promise<SeriesReceipt> {
  const { grid, alreadyPresent: presentNow } = await coverage.wanted(series, range);
  const gaps = await coverage.gaps(series, range);
  const stillMissing = gaps
    .filter((gap) => verdictClass(gap.verdict) === 'unexplained')
    .reduce((sum, gap) => sum + countBars(grid, gap), 0);
  const present = (await coverage.report(series, range)).spans.filter(({ verdict }) => verdict === 'present');
  const origins = provenanceOf(await coverage.entries(series), range);
  const { records, leftOut } = provenanceRecords(origins, present, work.mostProvenance);
  const unique = [...new Set(work.findings)];
  return {
    key: seriesKey(series),
    table: tableName(series),
    nodeId: work.nodeId,
    from: range.from,
    to: range.to,
    asked: before.asked,
    alreadyPresent: before.alreadyPresent,
    stored: Math.max(0, presentNow - before.alreadyPresent),
    stillMissing,
    gaps,
    sources: work.sources,
    ...(work.trades ? { trades: work.trades } : {}),
    findings:
      unique.length > MOST_FINDINGS
        ? [...unique.slice(0, MOST_FINDINGS), `… and ${unique.length - MOST_FINDINGS} more findings.`]
        : unique,
    provenance: records,
    provenanceLeftOut: leftOut,
  };
}

/**
 * `complete` without any gap; a gap that is explained or not closed yet does not make a job partial. A series of which nothing
 * could be read back (fewer receipts than `asked`) does.
 */
export function receiptStatus(
  series: readonly SeriesReceipt[],
  errors: readonly string[],
  asked: number,
): Receipt['status'] {
  const missing = series.some((each) => each.stillMissing > 0);
  if (missing || series.length < asked || series.length === 0) {
    const achieved = series.some((each) => each.stored > 0 || each.alreadyPresent > 0);
    return !achieved && errors.length > 0 ? 'failed' : 'partial';
  }
  return series.some((each) => each.gaps.length > 0) ? 'complete_with_explained_gaps' : 'complete';
}
