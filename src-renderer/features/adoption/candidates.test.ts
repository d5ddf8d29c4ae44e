import type { ForeignCandles } from '@shared/contract';
import { describe, expect, it } from 'vitest';
import { contentWords, leftOutWords, reportWords, sourcesWords } from './adoption-words';
import { picksOf } from './candidate-store';
import {
  candidateOfFile,
  candidateOfTable,
  guessedTarget,
  keyOfTarget,
  linesOf,
  partOf,
  shownLines,
} from './candidates';
import { foreignTable, reportOf } from './test-adoption';

const KEY = 'binance:spot:BTCUSDT:1m';

describe('the list', () => {
  const old = foreignTable('old_one', { adopted: [{ key: KEY, rows: 5 }] });
  const unfit = { table: 'all_candles', reason: 'Its column symbol names 2 symbols.' };
  const lines = (named: ForeignCandles[] = []) =>
    linesOf({ tables: [old, foreignTable('new_one')], unfit: [unfit] }, named.map(candidateOfTable));
  const names = (shown: ReturnType<typeof lines>) =>
    shown.map((line) => (line.kind === 'unfit' ? line.unfit.table : line.candidate.name));

  it('begins with what needs nothing any more, shows what was named twice, or hides what cannot be adopted', () => {
    expect(names(lines())).toEqual(['new_one', 'old_one', 'all_candles']);
    expect(names(lines([foreignTable('a_view'), old]))).toEqual(['a_view', 'old_one', 'new_one', 'all_candles']);
    expect(lines().map(partOf)).toEqual(['new', 'adopted', 'unfit']);
  });

  it('is filtered by another part or text than is asked for', () => {
    expect(names(shownLines(lines(), 'adopted', ''))).toEqual(['old_one']);
    expect(names(shownLines(lines(), 'all', ' ONE'))).toEqual(['new_one', 'old_one']);
    expect(names(shownLines(lines(), 'unfit', 'one'))).toEqual([]);
  });

  it('takes streams of one table for the same, or loses the node id of one', () => {
    const [one, two] = ['a', 'b'].map((nodeId) => candidateOfTable(foreignTable('recorded', { nodeId })));
    expect(one!.id).not.toBe(two!.id);
    expect(two!.source).toEqual({ table: 'recorded', nodeId: 'b' });
    expect(candidateOfTable(foreignTable('plain')).source).toEqual({ table: 'plain' });
  });
});

describe('the series of some rows', () => {
  it('is another than the guess, or is thought to be known when a part is missing', () => {
    const guessed = guessedTarget(
      candidateOfTable(foreignTable('x', { guess: 'binance:um:ETHUSDT:5m', interval: '5m' })),
    );
    expect(keyOfTarget(guessed)).toBe('binance:um:ETHUSDT:5m');
    const unknown = guessedTarget(candidateOfTable(foreignTable('x', { guess: null, interval: null })));
    expect(keyOfTarget(unknown)).toBeNull();
    expect(keyOfTarget({ ...unknown, symbol: 'BTC USDT', interval: '1h' })).toBeNull();
    expect(keyOfTarget({ ...unknown, symbol: 'BTCUSDT' })).toBeNull();
    expect(keyOfTarget({ ...unknown, symbol: 'BTCUSDT', interval: '1h' })).toBe('binance:spot:BTCUSDT:1h');
  });

  it('is that of the guess although a person has said another one', () => {
    const candidate = candidateOfTable(foreignTable('x', { guess: KEY }));
    const targets = new Map([
      [candidate.id, { market: 'cm' as const, symbol: 'BTCUSD_PERP', interval: '1m' as const }],
    ]);
    const chosen = new Set([candidate.id]);
    expect(picksOf([candidate], { targets: new Map(), chosen })[0]?.key).toBe(KEY);
    expect(picksOf([candidate], { targets, chosen })[0]?.key).toBe('binance:cm:BTCUSD_PERP:1m');
    expect(picksOf([candidate], { targets, chosen: new Set() })).toEqual([]);
  });
});

describe('words', () => {
  const lacking = ['quote_volume', 'trades', 'taker_base', 'taker_quote'];

  it('hide what a source does not have, or count its rows wrongly', () => {
    const whole = candidateOfTable(foreignTable('x', { rows: 1_440, first: 0, last: 1_439 * 60_000 }));
    expect(contentWords(whole)).toBe('1,440 rows · 1970-01-01 00:00 → 1970-01-01 23:59');
    expect(contentWords(candidateOfTable(foreignTable('x', { lacking })))).toMatch(/ · prices and volume only$/);
    expect(contentWords(candidateOfTable(foreignTable('x', { lacking: ['trades'] })))).toMatch(/ · without trades$/);
    const { table: _, nodeId: __, ...candles } = foreignTable('x');
    const file = candidateOfFile({ ...candles, file: '/home/me/x.csv' });
    expect(file.name).toBe('x.csv');
    expect(sourcesWords([whole, whole, file])).toBe('2 tables and 1 file');
  });

  it('promise rows that are left out, or do not say why they are', () => {
    const some = reportOf({ rows: 20, adopted: 12, alreadyPresent: 5, impossible: 3 });
    expect(reportWords(some, true)).toBe('12 of 20 rows would be adopted');
    expect(leftOutWords(some)).toBe('Left out: 5 whose bars were stored before, 3 that cannot be candles');
    expect(reportWords(reportOf({ rows: 20, adopted: 20 }), false)).toBe('All 20 rows adopted');
    expect(reportWords(reportOf({ rows: 20, alreadyPresent: 20 }), false)).toBe('None of 20 rows adopted');
    expect(leftOutWords(reportOf({ rows: 20, adopted: 20 }))).toBeNull();
  });
});
