import type { JobProgress } from '@shared/contract';
import { expect, it } from 'vitest';
import { ProgressMeter } from './progress';

const RANGE = { from: 0, to: 60_000 };

function meterOf(keys: readonly string[]): {
  meter: ProgressMeter;
  last: () => JobProgress;
  wait: (ms: number) => void;
} {
  let at = 0;
  let last: JobProgress | null = null;
  const meter = new ProgressMeter(
    { items: keys.map((key) => ({ key, range: RANGE })), source: 'auto' },
    { jobId: 'job', queuedAt: 0, items: new Map(), retries: 0 },
    (progress) => {
      last = progress;
    },
    () => null,
    () => at,
  );
  return { meter, last: () => last!, wait: (ms) => (at += ms) };
}

it('the remaining time of a job leaves out the items that nobody has begun', () => {
  const { meter, last, wait } = meterOf(['a', 'b']);
  meter.setState('running');
  meter.foresee(0, 1_000);
  meter.foresee(1, 1_000);
  meter.itemState(0, 'running');
  meter.setAsked(0, 1_000);
  meter.addDone(0, 100);
  wait(1_000);
  meter.addDone(0, 100);
  meter.report(true);
  expect(last()).toMatchObject({ barsAsked: 2_000, barsDone: 200, barsPerSecond: 200, remainingMs: 9_000 });
});

it('what was foreseen of an item outlives what its plan says, or is told of one that is under way', () => {
  const { meter, last } = meterOf(['a', 'b']);
  meter.setState('running');
  meter.foresee(0, 500);
  meter.itemState(0, 'running');
  meter.setAsked(0, 20);
  meter.foresee(0, 500);
  meter.itemState(1, 'running');
  meter.foresee(1, 500);
  meter.report(true);
  expect(last().barsAsked).toBe(20);
});
