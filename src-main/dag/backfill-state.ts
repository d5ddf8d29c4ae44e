import { mergeRuns, type SecondRange } from './history';

/** Which inclusive ranges of each (upstream, interval) pair came from history. */
export class BackfillState {
  private readonly pairs = new Map<string, Map<number, SecondRange[]>>();

  markRange(upstreamId: string, interval: number, start: number, end: number): void {
    const range: SecondRange = start <= end ? [start, end] : [end, start];
    const intervals = this.pairs.get(upstreamId) ?? new Map<number, SecondRange[]>();
    intervals.set(interval, mergeRuns([...(intervals.get(interval) ?? []), range], interval));
    this.pairs.set(upstreamId, intervals);
  }

  ranges(upstreamId: string, interval: number): readonly SecondRange[] {
    return this.pairs.get(upstreamId)?.get(interval) ?? [];
  }

  /** Whether one range holds both ends. */
  isComplete(upstreamId: string, interval: number, start: number, end: number): boolean {
    return this.ranges(upstreamId, interval).some(([first, last]) => first <= start && end <= last);
  }

  drop(upstreamId: string, interval: number): void {
    this.pairs.get(upstreamId)?.delete(interval);
  }
}
