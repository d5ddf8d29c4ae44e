import { describe, expect, it } from 'vitest';
import { matrixAction } from './matrix-keys';
import { buildMatrix, type MatrixModel } from './matrix-model';
import { allKeys, canBeFollowed, keysAt, keysWithin, pickedKeys } from './matrix-selection';
import { pageOf, summaryOf } from './test-series';

const key = (symbol: string, interval: string) => `binance:spot:${symbol}:${interval}`;
const FOLLOWED = [key('AUSDT', '1m'), key('AUSDT', '1h'), key('BUSDT', '1m'), key('BUSDT', '1h'), key('CBTC', '1h')];

/** Lines: USDT, AUSDT, BUSDT, BTC, CBTC (whose 1m nobody follows). */
function matrix(collapsed: string[] = []): MatrixModel {
  const all = FOLLOWED.map((each) => summaryOf(each));
  return buildMatrix(all, all, (each) => pageOf(each, 0), {
    order: { by: 'symbol', reversed: false },
    grouped: true,
    collapsed: new Set(collapsed),
    needsAction: false,
  });
}

describe('what a place stands for', () => {
  it('an empty cell cannot be selected, so that nobody can follow it', () => {
    expect(keysAt(matrix(), { line: 4, column: 0 })).toEqual([key('CBTC', '1m')]);
  });

  it('the head of a row, column or group takes series that nobody follows', () => {
    const model = matrix();
    expect(keysAt(model, { line: 4, column: -1 })).toEqual([key('CBTC', '1h')]);
    expect(keysAt(model, { line: -1, column: 0 })).toEqual([key('AUSDT', '1m'), key('BUSDT', '1m')]);
    expect(keysAt(model, { line: 0, column: -1 })).toHaveLength(4);
    expect(keysAt(model, { line: 0, column: 1 })).toEqual([key('AUSDT', '1h'), key('BUSDT', '1h')]);
    expect(allKeys(model).sort()).toEqual([...FOLLOWED].sort());
  });

  it('a folded group takes its rows out of the column', () => {
    expect(keysAt(matrix(['USDT']), { line: -1, column: 0 })).toHaveLength(2);
    expect(allKeys(matrix(['USDT', 'BTC']))).toHaveLength(5);
  });

  it('a cell offers a series that cannot exist', () => {
    expect(canBeFollowed('binance:um:BTCUSDT:1s')).toBe(false);
    expect(canBeFollowed('binance:spot:BTCUSDT:1s')).toBe(true);
  });
});

describe('lasso', () => {
  it('takes cells outside of its rectangle, or leaves some inside', () => {
    const range = { firstLine: 2, lastLine: 4, firstColumn: 0, lastColumn: 0 };
    expect(keysWithin(matrix(), range)).toEqual([key('BUSDT', '1m'), key('CBTC', '1m')]);
  });

  it('the head of an open group counts its rows twice, a folded one is left out', () => {
    const all = { firstLine: 0, lastLine: 4, firstColumn: 0, lastColumn: 1 };
    expect(keysWithin(matrix(), all)).toHaveLength(6);
    expect(keysWithin(matrix(['USDT']), { ...all, lastLine: 0 })).toHaveLength(4);
  });
});

describe('picking', () => {
  const A = key('AUSDT', '1m');
  const B = key('BUSDT', '1m');

  it('Control takes away what is not there, or does not take away what is', () => {
    const model = matrix();
    expect(pickedKeys([A], model, { line: 2, column: 0 }, 'toggle', null)).toEqual([A, B]);
    expect(pickedKeys([A, B], model, { line: 2, column: 0 }, 'toggle', null)).toEqual([A]);
    // A head of which one cell is selected takes the rest, not the one away.
    expect(pickedKeys([A], model, { line: -1, column: 0 }, 'toggle', null)).toEqual([A, B]);
    expect(pickedKeys([A, B], model, { line: -1, column: 0 }, 'toggle', null)).toEqual([]);
  });

  it('Shift begins somewhere else than where the selection began', () => {
    const from = { line: 1, column: 0 };
    expect(pickedKeys([A], matrix(), { line: 2, column: 1 }, 'extend', from)).toHaveLength(4);
    expect(pickedKeys([A], matrix(), { line: 2, column: 0 }, 'extend', null)).toEqual([B]);
  });
});

describe('keys', () => {
  const model = matrix();
  const press = (name: string, held: { shift?: boolean; ctrl?: boolean } = {}) => ({
    key: name,
    shiftKey: held.shift ?? false,
    ctrlKey: held.ctrl ?? false,
    altKey: false,
    metaKey: false,
  });
  const to = (name: string, line: number, column: number, held = {}) => {
    const action = matrixAction(press(name, held), { line, column }, model, 3);
    return action?.do === 'move' ? [action.to.line, action.to.column] : action?.do;
  };

  it('arrows run out of the matrix, or cannot reach the heads', () => {
    expect(to('ArrowUp', 0, 1)).toEqual([-1, 1]);
    expect(to('ArrowUp', -1, 1)).toEqual([-1, 1]);
    expect(to('ArrowLeft', 2, 0)).toEqual([2, -1]);
    expect(to('ArrowLeft', 2, -1)).toEqual([2, -1]);
    expect(to('ArrowDown', 4, 1)).toEqual([4, 1]);
    expect(to('ArrowRight', 4, 1)).toEqual([4, 1]);
    // There is no head of heads.
    expect(to('ArrowUp', 0, -1)).toEqual([-1, 0]);
  });

  it('pages and ends miss their aim', () => {
    expect(to('PageDown', 0, 1)).toEqual([3, 1]);
    expect(to('PageUp', 2, 1)).toEqual([0, 1]);
    expect(to('End', 1, 0, { ctrl: true })).toEqual([4, 1]);
    expect(to('Home', 3, 1)).toEqual([3, 0]);
  });

  it('takes keys of the window or the desktop', () => {
    expect(to('a', 1, 0)).toBeUndefined();
    expect(to('[', 1, 0)).toBeUndefined();
    expect(matrixAction({ ...press('ArrowLeft'), altKey: true }, { line: 1, column: 0 }, model, 3)).toBeNull();
    expect(to('a', 1, 0, { ctrl: true })).toBe('all');
    expect(to(' ', 1, 0)).toBe('toggle');
  });
});
