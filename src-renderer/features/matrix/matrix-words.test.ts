import { describe, expect, it } from 'vitest';
import { buildMatrix, type MatrixRow } from './matrix-model';
import { cellNumber, cellWords, columnWords, rowHeadWords } from './matrix-words';
import { EMPTY_TALLY } from './tally';
import { pageOf, summaryOf } from './test-series';

function rowOf(key: string, alarming: number, notAsked: number, explained: number, bars: number): MatrixRow {
  const all = [summaryOf(key, { bars, missing: { explained, unexplained: alarming + notAsked } })];
  return buildMatrix(all, all, (each) => pageOf(each, alarming, notAsked), {
    order: { by: 'symbol', reversed: false },
    grouped: false,
    collapsed: new Set(),
    needsAction: false,
  }).rows[0]!;
}

const say = (row: MatrixRow, column: string) => cellWords(row, column, row.cells[0]!);

describe('what a screen reader says of a cell', () => {
  it('leaves out what is missing, or says zeros', () => {
    expect(say(rowOf('binance:spot:BTCUSDT:1m', 80, 0, 2_325, 3_100_000), '1m')).toBe(
      'BTCUSDT 1m: 80 bars unexplained, 2,325 explained, 3.1 M present',
    );
    expect(say(rowOf('binance:spot:BTCUSDT:1m', 0, 0, 0, 10), '1m')).toBe('BTCUSDT 1m: 10 bars present');
    expect(say(rowOf('binance:spot:BTCUSDT:1m', 1, 5, 0, 0), '1m')).toBe(
      'BTCUSDT 1m: 1 bar unexplained, 5 not asked for, nothing stored yet',
    );
  });

  it('does not tell one market from another, nor an empty cell from a complete one', () => {
    const row = rowOf('binance:um:BTCUSDT:1m', 0, 0, 0, 0);
    expect(say(row, '1m')).toBe('BTCUSDT USD-M 1m: nothing stored yet');
    expect(cellWords(row, '1m', { key: '', summary: null, page: null })).toBe('BTCUSDT USD-M 1m: not followed');
    expect(cellWords(row, '1m', { ...row.cells[0]!, page: null })).toMatch(/being read/);
    expect(rowHeadWords(row)).toMatch(/^BTCUSDT USD-M, 1 series: /);
  });

  it('calls trades an interval, or their minutes bars', () => {
    expect(say(rowOf('binance:spot:BTCUSDT:aggTrade', 1, 0, 0, 60), 'aggTrade')).toBe(
      'BTCUSDT trades: 1 minute unexplained, 60 present',
    );
    expect([columnWords('aggTrade'), columnWords('1M')]).toEqual(['trades', '1M']);
  });
});

describe('number of a cell', () => {
  const tally = (part: Partial<typeof EMPTY_TALLY>) => cellNumber({ ...EMPTY_TALLY, series: 1, ...part });

  it('shouts what nobody asked for, or hides what is unexplained behind it', () => {
    expect(tally({ alarming: 1, notAsked: 1_000_000 })).toEqual({ text: '1', tone: 'alarm' });
    expect(tally({ notAsked: 1_000_000 })).toEqual({ text: '1 M', tone: 'quiet' });
  });

  it('says 0 of a series that is being read, or anything of one that nobody follows', () => {
    expect(tally({ unread: 1 })).toEqual({ text: '·', tone: 'none' });
    expect(tally({ present: 5 })).toEqual({ text: '0', tone: 'none' });
    expect(tally({})).toEqual({ text: '–', tone: 'none' });
    expect(cellNumber(EMPTY_TALLY)).toBeNull();
  });
});
