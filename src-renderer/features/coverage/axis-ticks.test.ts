import { DAY_MS, HOUR_MS, MINUTE_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisContext, axisTicks, scaleText } from './axis-ticks';
import { MIN_MS_PER_PX, viewOf } from './time-view';

const labels = (from: number, length: number, width = 1_000) =>
  axisTicks(viewOf({ from, to: from + length }, width)).map((tick) => tick.label);

describe('axis ticks', () => {
  it('ascend, lie in view, and stand apart enough for their labels, from seconds to years', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2017, 0, 1), max: Date.UTC(2030, 0, 1) }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 100, max: 3_000 }),
        (from, scale, width) => {
          const msPerPx = MIN_MS_PER_PX * ((10 * 365 * DAY_MS) / width / MIN_MS_PER_PX) ** scale;
          const view = { from, msPerPx, width };
          const ticks = axisTicks(view);
          for (const [i, tick] of ticks.entries()) {
            expect(tick.t).toBeGreaterThanOrEqual(from);
            expect(tick.t).toBeLessThanOrEqual(from + msPerPx * width);
            // Months are up to a tenth shorter than their nominal length, and the last stride of a month up to a half.
            if (i > 0) expect((tick.t - ticks[i - 1]!.t) / msPerPx).toBeGreaterThan(41);
          }
          expect(ticks.length).toBeLessThan(width / 41 + 2);
        },
      ),
    );
  });

  it('name years, months, days, hours and minutes as the view narrows', () => {
    expect(labels(Date.UTC(2017, 5, 1), 9 * 365 * DAY_MS)).toContain('2020');
    expect(labels(Date.UTC(2020, 9, 20), 240 * DAY_MS)).toEqual(expect.arrayContaining(['Dec', '2021', 'Feb']));
    expect(labels(Date.UTC(2021, 1, 25), 12 * DAY_MS)).toEqual(expect.arrayContaining(['Feb 27', 'Mar']));
    expect(labels(Date.UTC(2021, 1, 17, 20), 8 * HOUR_MS)).toEqual(expect.arrayContaining(['21:00', 'Feb 18']));
    expect(labels(Date.UTC(2021, 1, 17, 20), 9 * MINUTE_MS)).toContain('20:01');
  });

  it('mark the beginning of the larger unit', () => {
    const ticks = axisTicks(viewOf({ from: Date.UTC(2020, 9, 20), to: Date.UTC(2021, 5, 1) }, 1_000));
    expect(ticks.filter((tick) => tick.major).map((tick) => tick.label)).toEqual(['2021']);
  });

  it('leave the year or the day to the left edge only where no label says it', () => {
    const at = Date.UTC(2021, 1, 17, 20);
    expect(axisContext(viewOf({ from: at, to: at + 8 * HOUR_MS }, 900))).toBe('2021-02-17');
    expect(axisContext(viewOf({ from: at, to: at + 60 * DAY_MS }, 900))).toBe('2021');
    expect(axisContext(viewOf({ from: at, to: at + 2_000 * DAY_MS }, 900))).toBe('');
  });
});

describe('scale', () => {
  it.each([
    [6 * HOUR_MS, '1 px = 6 h'],
    [4.13 * DAY_MS, '1 px = 4.1 d'],
    [5_000, '1 min = 12 px'],
    [62.5, '1 s = 16 px'],
    [MINUTE_MS, '1 px = 1 min'],
  ])('%d ms a pixel reads wrong', (ms, text) => {
    expect(scaleText(ms)).toBe(text);
  });
});
