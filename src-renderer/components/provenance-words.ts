import type { ProvenanceSpan } from '@shared/contract';
import { formatAmount } from './format';

export const SOURCE_WORDS: Record<ProvenanceSpan['source'], string> = {
  archiveMonthly: 'Monthly archive',
  archiveDaily: 'Daily archive',
  rest: 'REST',
  stream: 'Stream',
  adopted: 'Adopted',
};

/** Newest answers first; of one moment the later range first. */
export function newestFirst(spans: readonly ProvenanceSpan[]): ProvenanceSpan[] {
  return [...spans].sort((a, b) => b.at - a.at || b.from - a.from);
}

/** `12 monthly, 3 daily, 40 REST`: files counted once, answers of REST and streams each. */
export function sourceTally(spans: readonly ProvenanceSpan[]): string {
  const files = (source: ProvenanceSpan['source']) =>
    new Set(spans.filter((each) => each.source === source).map((each) => each.file ?? `${each.at} ${each.from}`)).size;
  const parts: [number, string][] = [
    [files('archiveMonthly'), 'monthly file'],
    [files('archiveDaily'), 'daily file'],
    [spans.filter((each) => each.source === 'rest').length, 'REST answer'],
    [spans.filter((each) => each.source === 'stream').length, 'stream part'],
    [spans.filter((each) => each.source === 'adopted').length, 'adopted part'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => formatAmount(count, word))
    .join(' · ');
}

/** What identifies the answer: a file's name, else the path and query of a request. */
export function originWords({ file, request }: ProvenanceSpan): string | null {
  if (file !== null) return file;
  return request === null ? null : request.replace(/^[a-z]+:\/\/[^/]+/, '');
}

const HASH_SHOWN = 12;

export function shortHash(sha256: string): string {
  return sha256.length > HASH_SHOWN ? `${sha256.slice(0, HASH_SHOWN)}…` : sha256;
}
