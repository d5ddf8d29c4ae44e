/** Running tally of what a piece of work cost. The caller passes it in, and every request adds to it. */
export interface Counters {
  requests: number;
  /** As they came over the wire, compressed. */
  bytes: number;
  weight: number;
  retries: number;
}

export function createCounters(): Counters {
  return { requests: 0, bytes: 0, weight: 0, retries: 0 };
}
