import type { BackfillPlan } from '@shared/contract';
import { describe, expect, it } from 'vitest';
import { buttonWords } from './plan-words';

function plan(gaps: number, bars: number, estimateMs: number): BackfillPlan {
  return {
    source: 'auto',
    series: [],
    totals: {
      bars,
      gaps,
      archiveMonthly: 0,
      archiveDaily: 0,
      rest: 1,
      requests: 1,
      weight: 2,
      bytes: 0,
      refetched: 0,
      estimateMs,
    },
  };
}

describe('the button is the plan', () => {
  it('hides how many gaps a repair of many is, or how long it takes', () => {
    expect(buttonWords('Repair', plan(214, 1_234_567, 9_200), 'bar')).toBe('Repair 214 gaps (1.2 M bars, about 9.2 s)');
    expect(buttonWords('Repair', plan(2, 3, 400), 'minute')).toBe('Repair 2 gaps (3 minutes, about 0.4 s)');
  });

  it('says more than is needed of one gap, or calls what was never asked for a repair', () => {
    expect(buttonWords('Repair', plan(1, 1_440, 400), 'bar')).toBe('Repair 1,440 bars');
    expect(buttonWords('Fetch', plan(9, 44_640, 400), 'bar')).toBe('Fetch 44,640 bars');
  });
});
