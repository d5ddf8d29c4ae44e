import type { ProvenanceRecord, ProvenanceSpan } from '@shared/contract';
import { intersectRanges, type Range } from '@shared/market';

/**
 * Where stored bars come from, for documents: `spans` (of `provenanceOf`) cut with the runs of bars that are stored, answers of
 * one source and job that follow each other joined. At most so many records, the earliest; `leftOut` counts the others.
 */
export function provenanceRecords(
  spans: readonly ProvenanceSpan[],
  present: readonly Range[],
  most: number,
): { records: ProvenanceRecord[]; leftOut: number } {
  const records: ProvenanceRecord[] = [];
  for (const span of spans) {
    for (const { from, to } of intersectRanges([span], present)) {
      const last = records[records.length - 1];
      if (last && last.to === from && isSameOrigin(last, span)) {
        last.to = to;
        last.at = Math.max(last.at, span.at);
      } else {
        const { source, file, sha256, request, jobId: job, at } = span;
        records.push({ from, to, source, file, sha256, request, job, at });
      }
    }
  }
  return { records: records.slice(0, most), leftOut: Math.max(0, records.length - most) };
}

function isSameOrigin(record: ProvenanceRecord, { source, file, sha256, jobId }: ProvenanceSpan): boolean {
  return record.source === source && record.file === file && record.sha256 === sha256 && record.job === jobId;
}
