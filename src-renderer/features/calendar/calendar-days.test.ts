import { DAY_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysInMonth, dayText, movedCell, movedDay } from './calendar-days';

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
const moved = (from: string, key: string) => dayText(movedDay(day(from), key, 2017, 2026)!);

describe('keys on the calendar', () => {
  it.each([
    ['2021-03-31', 'ArrowUp', '2021-02-28'],
    ['2020-03-31', 'ArrowUp', '2020-02-29'],
    ['2021-12-31', 'ArrowRight', '2022-01-01'],
    ['2021-01-15', 'ArrowUp', '2020-12-15'],
    ['2020-02-29', 'PageDown', '2021-02-28'],
    ['2021-02-11', 'End', '2021-02-28'],
    ['2021-02-11', 'Home', '2021-02-01'],
    ['2017-01-01', 'ArrowLeft', '2017-01-01'],
    ['2026-12-10', 'ArrowDown', '2026-12-10'],
  ])('%s and %s lead to a day that does not exist, or out of the years', (from, key, to) => {
    expect(moved(from, key)).toBe(to);
  });

  it('other keys move something', () => {
    expect(movedDay(day('2021-03-31'), 'x', 2017, 2026)).toBeNull();
    expect(movedCell(5, 'Tab', 60)).toBeNull();
  });

  it('a way along the days leaves them, for any keys', () => {
    const keys = fc.constantFrom(
      'ArrowLeft',
      'ArrowRight',
      'ArrowUp',
      'ArrowDown',
      'PageUp',
      'PageDown',
      'Home',
      'End',
    );
    fc.assert(
      fc.property(fc.array(keys, { maxLength: 40 }), (way) => {
        let at = day('2021-08-31');
        for (const key of way) at = movedDay(at, key, 2019, 2023)!;
        expect(at % DAY_MS).toBe(0);
        expect(new Date(at).getUTCFullYear()).toBeGreaterThanOrEqual(2019);
        expect(new Date(at).getUTCFullYear()).toBeLessThanOrEqual(2023);
      }),
    );
  });

  it('the first or last minute of a day is left', () => {
    expect(movedCell(0, 'ArrowLeft', 60)).toBe(0);
    expect(movedCell(30, 'ArrowUp', 60)).toBe(30);
    expect(movedCell(1_439, 'ArrowRight', 60)).toBe(1_439);
    expect(movedCell(61, 'ArrowUp', 60)).toBe(1);
    expect(movedCell(75, 'End', 60)).toBe(119);
    expect(movedCell(20, 'ArrowDown', 1)).toBe(21);
  });

  it('leap years have no 29th of February', () => {
    expect([daysInMonth(2020, 1), daysInMonth(2021, 1), daysInMonth(2021, 11)]).toEqual([29, 28, 31]);
  });
});
