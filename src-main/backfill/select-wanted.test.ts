import { candleColumnsOf, gridOf, MINUTE_MS } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { selectWanted } from './select-wanted';

const T0 = Date.UTC(2017, 11, 4, 6);

function candles(...opens: number[]) {
  return candleColumnsOf(
    opens.map((openTime) => ({
      openTime,
      open: 1,
      high: 1,
      low: 1,
      close: 1,
      volume: 0,
      quoteVolume: 0,
      trades: 0,
      takerBase: 0,
      takerQuote: 0,
    })),
  );
}

const at = (minute: number, ms = 0) => T0 + minute * MINUTE_MS + ms;
const range = (from: number, to: number) => ({ from: at(from), to: at(to) });

describe('selectWanted', () => {
  it('takes only what is wanted and names what the page lacks', () => {
    const selection = selectWanted(candles(at(0), at(1), at(3), at(4), at(5)), gridOf('1m'), [
      range(1, 4),
      range(5, 7),
    ]);
    expect(selection).toEqual({
      slices: [
        { start: 1, end: 3 },
        { start: 4, end: 5 },
      ],
      rows: 3,
      filled: [range(1, 2), range(3, 4), range(5, 6)],
      absent: [range(2, 3), range(6, 7)],
    });
  });

  it('off-grid candles fill the minute that contains them, and two in one minute fill it once (2017-12-04)', () => {
    const selection = selectWanted(candles(at(0), at(0, 20_799), at(1, 20_799), at(2, 20_799)), gridOf('1m'), [
      range(0, 4),
    ]);
    expect(selection.rows).toBe(4);
    expect(selection.filled).toEqual([range(0, 3)]);
    expect(selection.absent).toEqual([range(3, 4)]);
  });
});
