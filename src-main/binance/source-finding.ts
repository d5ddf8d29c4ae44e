import type { FindingKind } from '@shared/contract';
import type { InexactDecimals } from './csv-bytes';

/** Something odd about a source's answer that did not stop its reading; the sentence names the answer. */
export interface SourceFinding {
  kind: FindingKind;
  sentence: string;
}

/** The findings with the answer's name before each. */
export function named(name: string, findings: readonly SourceFinding[]): SourceFinding[] {
  return findings.map(({ kind, sentence }) => ({ kind, sentence: `${name}: ${sentence}` }));
}

/** None, or one that says how many decimals are stored as other numbers. */
export function inexactFindings({ count, example }: InexactDecimals): SourceFinding[] {
  if (count === 0) return [];
  return [
    {
      kind: 'inexact_decimals',
      sentence: `${count} decimals do not fit a double exactly, for example ${example}`,
    },
  ];
}
