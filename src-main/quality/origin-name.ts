import type { ProvenanceSpan } from '@shared/contract';

/** The file or table that rows come from, or who told them. */
export function originName({ source, file, request }: Pick<ProvenanceSpan, 'source' | 'file' | 'request'>): string {
  return file ?? (source === 'adopted' ? (request ?? 'adopted rows') : 'REST');
}
