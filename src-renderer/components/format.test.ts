import { describe, expect, it } from 'vitest';
import { formatAmount, formatBars, formatBytes, formatCompact, formatDuration, formatShare } from './format';

describe('numbers in words', () => {
  it('one bar is called "1 bars"', () => {
    expect(formatBars(1)).toBe('1 bar');
    expect(formatBars(1_440)).toBe('1,440 bars');
    expect(formatAmount(1, 'gap')).toBe('1 gap');
  });

  it('a share just under everything is shown as 100 %', () => {
    expect(formatShare(999_999, 1_000_000)).toBe('99.9 %');
    expect(formatShare(1_000_000, 1_000_000)).toBe('100 %');
    expect(formatShare(0, 0)).toBe('100 %');
  });

  it('bytes spill over into four digits at the edge of a unit', () => {
    expect(formatBytes(999)).toBe('999 B');
    expect(formatBytes(71_000)).toBe('71 KB');
    expect(formatBytes(999_600)).toBe('1 MB');
    expect(formatBytes(4_130_000)).toBe('4.1 MB');
  });

  it('a duration shows sixty of a unit or loses its rest', () => {
    expect(formatDuration(0)).toBe('0.1 s');
    expect(formatDuration(400)).toBe('0.4 s');
    expect(formatDuration(59_600)).toBe('1 min');
    expect(formatDuration(200_000)).toBe('3 min 20 s');
    expect(formatDuration(3_900_000)).toBe('1 h 5 min');
    expect(formatDuration(3_599_700)).toBe('1 h');
  });

  it('large counts lose their unit', () => {
    expect(formatCompact(9_999)).toBe('9,999');
    expect(formatCompact(512_000)).toBe('512 k');
    expect(formatCompact(47_300_000)).toBe('47.3 M');
  });
});
