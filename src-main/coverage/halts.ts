import { hullOf, type Range, subtractRanges } from '@shared/market';
import { absentForGood, acceptedBars, type CoverageFacts, deriveSpans } from './derive-spans';
import { tradedMeanwhile } from './peers';

export interface HaltWitnesses {
  /** Runs of bars of the series that can be compared, the series' own among them. */
  presents: () => Iterable<readonly Range[]>;
  /** Whether the stored trades of the symbol follow each other across the bars, so that nothing was traded there. */
  isTradeless: (run: Range) => Promise<boolean>;
}

/** Runs of bars that the last source lacks, and neither the catalogue nor a person explains. */
export function absentRuns(facts: CoverageFacts): Range[] {
  const absent = absentForGood(facts);
  if (absent.length === 0) return [];
  const spans = deriveSpans({ ...facts, halted: [] }, hullOf(absent));
  return subtractRanges(
    spans.filter(({ verdict }) => verdict === 'confirmed_absent'),
    acceptedBars(facts.ledger),
  );
}

/** What of such runs shows that the symbol alone stood still: others traded meanwhile, or the ids of its trades run on across it. */
export async function haltedBars(
  facts: CoverageFacts,
  runs: readonly Range[],
  { presents, isTradeless }: HaltWitnesses,
): Promise<Range[]> {
  const halted: Range[] = [];
  for (const run of runs) {
    const traded = tradedMeanwhile(facts.grid, run, presents());
    halted.push(...traded);
    for (const rest of subtractRanges([run], traded)) if (await isTradeless(rest)) halted.push(rest);
  }
  return halted;
}
