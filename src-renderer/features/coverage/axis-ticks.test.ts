import { DAY_MS, HOUR_MS, MINUTE_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AxisTicks, axisContext, scaleText, shownText } from './axis-ticks';
import { MIN_MS_PER_PX, viewOf } from './time-view';

const labels = (from: number, length: number, width = 1_000) =>
  new AxisTicks().of(viewOf({ from, to: from + length }, width)).map((tick) => tick.label);

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
          const ticks = new AxisTicks().of(view);
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

  it('keep labels of another step, or of ticks that are no longer in view, from one view to the next', () => {
    const view = fc.record({
      from: fc.integer({ min: Date.UTC(2019, 11, 1), max: Date.UTC(2020, 1, 1) }),
      msPerPx: fc.constantFrom(100, 2_000, 90_000, 700_000, 5_000_000, 40_000_000, 300_000_000),
      width: fc.constant(1_000),
    });
    fc.assert(
      fc.property(fc.array(view, { minLength: 2, maxLength: 12 }), (views) => {
        const kept = new AxisTicks();
        for (const each of views) expect(kept.of(each)).toEqual(new AxisTicks().of(each));
      }),
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
    const ticks = new AxisTicks().of(viewOf({ from: Date.UTC(2020, 9, 20), to: Date.UTC(2021, 5, 1) }, 1_000));
    expect(ticks.filter((tick) => tick.major).map((tick) => tick.label)).toEqual(['2021']);
  });

  const context = (from: number, length: number) => {
    const view = viewOf({ from, to: from + length }, 900);
    return axisContext(view, new AxisTicks().of(view));
  };

  it('leave the year or the day to the left edge only where no label says it', () => {
    const at = Date.UTC(2021, 1, 17, 16);
    expect(context(at, 12 * HOUR_MS)).toBe('2021-02-17');
    expect(context(at, 60 * DAY_MS)).toBe('2021');
    expect(context(at, 2_000 * DAY_MS)).toBe('');
  });

  it('name the day or the year that ends there, as if the hours and months behind it were its own', () => {
    expect(context(Date.UTC(2021, 1, 17, 23), 12 * HOUR_MS)).toBe('');
    expect(context(Date.UTC(2018, 11, 31), 350 * DAY_MS)).toBe('');
    // A month that begins there does not tell the year.
    expect(context(Date.UTC(2021, 1, 27), 20 * DAY_MS)).toBe('2021');
  });
});

it('the range that is shown takes more room than the toolbar has, or leaves out what differs', () => {
  const at = Date.UTC(2026, 11, 31, 21, 1);
  const text = (length: number) => shownText({ from: at, to: at + length }, length / 720);
  expect(text(90 * MINUTE_MS)).toBe('2026-12-31 21:01 → 22:31');
  expect(text(HOUR_MS * 4)).toBe('2026-12-31 21:01 → 2027-01-01 01:01');
  expect(shownText({ from: at - DAY_MS, to: at }, 3 * MINUTE_MS)).toBe('2026-12-30 21:01 → 12-31 21:01');
  expect(text(90 * DAY_MS)).toBe('2026-12-31 → 2027-03-31');
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
