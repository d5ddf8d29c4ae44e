import { VERDICTS } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { withAlpha } from './chart-theme';
import { formatPrice, formatVolume, priceDecimals } from './price-format';
import { VERDICT_MARKS } from './verdict-patterns';

describe('verdict marks', () => {
  it('can be told apart without colour: only the two ends of a life share a shape', () => {
    const shapes = VERDICTS.filter((verdict) => verdict !== 'delisted').map((verdict) => VERDICT_MARKS[verdict].shape);
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it('keep the alarm colour for what needs action', () => {
    const alarms = VERDICTS.filter((verdict) => VERDICT_MARKS[verdict].color === 'alarm');
    expect(alarms).toEqual(['fetch_failed', 'unexplained']);
  });
});

describe('numbers', () => {
  it('show as many decimals as the closes have, from two to eight', () => {
    const of = (...close: number[]) => priceDecimals({ rows: close.length, close: Float64Array.from(close) } as never);
    expect(of(1, 2.5)).toBe(2);
    expect(of(0.123456)).toBe(6);
    expect(of(0.00001234, 5)).toBe(8);
    expect(of(1 / 3)).toBe(8);
    expect(of()).toBe(2);
  });

  it('separate thousands and keep small volumes', () => {
    expect(formatPrice(1787.2, 2)).toBe('1,787.20');
    expect(formatVolume(412.7)).toBe('412.7');
    expect(formatVolume(0.00001234)).toBe('0.00001234');
  });

  it('add alpha to hex colours only', () => {
    expect(withAlpha('#abc', 0.5)).toBe('#aabbcc80');
    expect(withAlpha('#3fb68b', 1)).toBe('#3fb68bff');
    expect(withAlpha('rgb(1 2 3)', 0.5)).toBe('rgb(1 2 3)');
  });
});
