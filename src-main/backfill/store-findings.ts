import { type StoredSeries, seriesKey } from '@shared/market';
import type { BackfillDeps } from './backfill-deps';
import type { ItemFindings } from './item-findings';

/** What was noticed stays in the database, once; what was noticed before and is proven to be mended becomes fixed. */
export async function storeFindings(
  findings: ItemFindings,
  series: StoredSeries,
  {
    store,
    coverage,
    exchange,
  }: Pick<BackfillDeps, 'coverage' | 'exchange'> & {
    store: Pick<BackfillDeps['store'], 'findingsAppend' | 'findingsRead'>;
  },
): Promise<void> {
  if (findings.isEmpty) return;
  const known = await store.findingsRead({ keys: [seriesKey(series)] });
  const range = findings.judgedRange(known);
  const spans = range ? (await coverage.report(series, range)).spans : [];
  const present = spans.filter(({ verdict }) => verdict === 'present');
  const fresh = findings.outcome(known, present, await coverage.grid(series), Math.floor(exchange.now()));
  if (fresh.length > 0) await store.findingsAppend(fresh);
}
