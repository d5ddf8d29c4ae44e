import { describe, expect, it } from 'vitest';
import type { Selection } from '../../client';
import { pickedRows } from './pick-rows';

const ROWS = ['a', 'b', 'c', 'd', 'e'];
const list = (...keys: string[]): Selection => ({ kind: 'list', keys });
const alone = (key: string): Selection => ({ kind: 'series', key });

describe('picking rows', () => {
  it('without a key held picks more than the one that was clicked', () => {
    expect(pickedRows(list('a', 'b'), ROWS, 'd', 'alone')).toEqual(alone('d'));
  });

  it('with Control forgets the others, or leaves the last one as a list of one', () => {
    expect(pickedRows(alone('a'), ROWS, 'c', 'toggle')).toEqual(list('a', 'c'));
    expect(pickedRows(list('a', 'c'), ROWS, 'a', 'toggle')).toEqual(alone('c'));
    expect(pickedRows(alone('c'), ROWS, 'c', 'toggle')).toBeNull();
  });

  it('with Shift grows from the row that was picked last instead of the first', () => {
    const grown = pickedRows(alone('b'), ROWS, 'd', 'extend');
    expect(grown).toEqual(list('b', 'c', 'd'));
    expect(pickedRows(grown, ROWS, 'a', 'extend')).toEqual(list('b', 'a'));
  });

  it('loses a selected range, or takes a range of whole series', () => {
    const range = { from: 10, to: 20 };
    const before: Selection = { kind: 'range', keys: ['b'], range };
    expect(pickedRows(before, ROWS, 'c', 'extend')).toEqual({ kind: 'range', keys: ['b', 'c'], range });
    expect(pickedRows(before, ROWS, 'e', 'toggle')).toEqual({ kind: 'range', keys: ['b', 'e'], range });
  });

  it('up to a row that the filter hides picks rows that nobody sees', () => {
    expect(pickedRows(alone('gone'), ROWS, 'b', 'extend')).toEqual(alone('b'));
  });
});
