import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildMatrix, type MatrixModel, type MatrixOptions } from './matrix-model';
import { addTally, EMPTY_TALLY, tallyOf } from './tally';
import { pageOf, summaryOf } from './test-series';

const PLAIN: MatrixOptions = {
  order: { by: 'symbol', reversed: false },
  grouped: false,
  collapsed: new Set(),
  needsAction: false,
};
const key = (symbol: string, interval = '1m') => `binance:spot:${symbol}:${interval}`;

function matrixOf(
  alarming: Record<string, number>,
  options: Partial<MatrixOptions> = {},
  shown?: string[],
): MatrixModel {
  const all = Object.keys(alarming).map((each) => summaryOf(each));
  return buildMatrix(
    all,
    shown ? all.filter((each) => shown.includes(each.key)) : all,
    (each) => pageOf(each, alarming[each]!),
    { ...PLAIN, ...options },
  );
}

const symbols = (model: MatrixModel) => model.rows.map((row) => row.symbol);

describe('rows and columns', () => {
  it('orders columns by their letters instead of their length', () => {
    const model = matrixOf({ [key('A', '1h')]: 0, [key('A', '15m')]: 0, [key('A', '1d')]: 0, [key('A', '1m')]: 0 });
    expect(model.columns).toEqual(['1m', '15m', '1h', '1d']);
  });

  it('draws a followed series as not followed because a filter has hidden it', () => {
    const model = matrixOf({ [key('A')]: 3, [key('A', '1h')]: 0, [key('B', '1h')]: 0 }, {}, [key('A'), key('B', '1h')]);
    expect(model.rows.map((row) => row.cells.map((cell) => cell.summary !== null))).toEqual([
      [true, true],
      [false, true],
    ]);
  });

  it('takes the same symbol of two markets for one row', () => {
    const model = matrixOf({ [key('BTCUSDT')]: 0, 'binance:um:BTCUSDT:1m': 0 });
    expect(model.rows.map((row) => row.id)).toEqual(['spot:BTCUSDT', 'um:BTCUSDT']);
  });

  it('hides the whole cells of a symbol that needs action', () => {
    const model = matrixOf({ [key('A')]: 3, [key('A', '1h')]: 0, [key('B')]: 0 }, { needsAction: true });
    expect(symbols(model)).toEqual(['A']);
    expect(model.rows[0]!.cells.every((cell) => cell.summary)).toBe(true);
  });
});

describe('order', () => {
  const alarming = { [key('A')]: 1, [key('A', '1h')]: 9, [key('B')]: 5, [key('B', '1h')]: 0, [key('C')]: 0 };

  it.each([
    ['symbol', false, 'ABC'],
    ['symbol', true, 'CBA'],
    ['missing', false, 'ABC'],
    ['missing', true, 'CBA'],
    [{ column: '1m' }, false, 'BAC'],
    [{ column: '1h' }, true, 'BCA'],
  ] as const)('by %o, turned round: %s, is another', (by, reversed, expected) => {
    expect(symbols(matrixOf(alarming, { order: { by, reversed } })).join('')).toBe(expected);
  });

  it('puts symbols without candles first, or loses them between the others', () => {
    const firsts: Record<string, number | null> = { A: 30, B: null, C: 10, D: null, E: 20 };
    const all = Object.entries(firsts).map(([symbol, first]) => summaryOf(key(symbol), { first }));
    for (const [reversed, expected] of [
      [false, 'CEABD'],
      [true, 'AECBD'],
    ] as const) {
      const model = buildMatrix(all, all, () => null, { ...PLAIN, order: { by: 'first', reversed } });
      expect(symbols(model).join('')).toBe(expected);
    }
  });
});

describe('groups', () => {
  const alarming = {
    [key('ETHBTC')]: 7,
    [key('BTCUSDT')]: 1,
    [key('ETHUSDT')]: 2,
    [key('ETHUSDT', '1h')]: 4,
    [key('BNBUSDT')]: 0,
  };

  it('the largest does not come first, or rows stand outside of theirs', () => {
    const model = matrixOf(alarming, { grouped: true });
    expect(model.lines.map((line) => line.id)).toEqual([
      'quote:USDT',
      'spot:BNBUSDT',
      'spot:BTCUSDT',
      'spot:ETHUSDT',
      'quote:BTC',
      'spot:ETHBTC',
    ]);
  });

  it('keeps its largest group first when what is missing decides', () => {
    const model = matrixOf(alarming, { grouped: true, order: { by: { column: '1m' }, reversed: false } });
    expect(model.lines.filter((line) => line.kind === 'group').map((line) => line.id)).toEqual([
      'quote:BTC',
      'quote:USDT',
    ]);
  });

  it('loses the rows of a folded group from the totals', () => {
    const model = matrixOf(alarming, { grouped: true, collapsed: new Set(['USDT']) });
    expect(model.lines.map((line) => line.id)).toEqual(['quote:USDT', 'quote:BTC', 'spot:ETHBTC']);
    expect(model.tallies.map((tally) => tally.alarming)).toEqual([10, 4]);
    expect(model.tally.alarming).toBe(14);
  });

  it('totals of rows, columns and groups differ from each other', () => {
    const cells = fc.dictionary(
      fc
        .tuple(fc.constantFrom('AUSDT', 'BUSDT', 'CBTC', 'DTRY'), fc.constantFrom('1m', '1h', '1d'))
        .map(([symbol, interval]) => key(symbol, interval)),
      fc.nat(50),
    );
    fc.assert(
      fc.property(cells, (alarming) => {
        const model = matrixOf(alarming, { grouped: true });
        const expected = Object.values(alarming).reduce((sum, bars) => sum + bars, 0);
        const rows = model.rows.map((row) => row.tally).reduce(addTally, EMPTY_TALLY);
        const groups = model.lines
          .flatMap((line) => (line.kind === 'group' ? [line.group.tally] : []))
          .reduce(addTally, EMPTY_TALLY);
        expect([model.tally.alarming, rows.alarming, groups.alarming]).toEqual([expected, expected, expected]);
        expect(model.tally.series).toBe(Object.keys(alarming).length);
      }),
    );
  });
});

it('counts a series as complete while its coverage is being read', () => {
  expect(tallyOf({ summary: summaryOf(key('A')), page: null })).toMatchObject({ series: 1, unread: 1, alarming: 0 });
});
