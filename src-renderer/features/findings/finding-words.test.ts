import type { Finding, FindingState } from '@shared/contract';
import { describe, expect, it } from 'vitest';
import { seriesWords } from '../../components';
import { checkWords, matchingFindings, reingestWords } from './finding-words';

const finding = (id: string, at: number, state: FindingState, kind: Finding['kind'] = 'stale_archive'): Finding => ({
  id,
  at,
  key: 'binance:spot:BTCUSDT:1m',
  kind,
  range: { from: 0, to: 1 },
  sentence: '',
  data: null,
  state,
});

describe('findings in words', () => {
  it('puts old ones first, or lets another state or kind through', () => {
    const list = [finding('a', 1, 'new'), finding('b', 3, 'fixed'), finding('c', 2, 'new', 'row_diff')];
    const ids = (filter: Parameters<typeof matchingFindings>[1]) => matchingFindings(list, filter).map(({ id }) => id);
    expect(ids({ state: null, kind: null })).toEqual(['b', 'c', 'a']);
    expect(ids({ state: 'new', kind: null })).toEqual(['c', 'a']);
    expect(ids({ state: 'new', kind: 'stale_archive' })).toEqual(['a']);
    expect(list.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('leaves the market or the kind out where it matters', () => {
    expect(seriesWords('binance:spot:BTCUSDT:1m')).toBe('BTCUSDT 1m');
    expect(seriesWords('binance:um:BTCUSDT:aggTrade')).toBe('BTCUSDT aggTrade um');
    expect(seriesWords('strange')).toBe('strange');
  });

  it('claims rows were removed that are kept, or a change where there is none', () => {
    const diff = { added: [], removed: [], changed: [] };
    const result = { jobId: 'j', key: 'k', file: 'F.zip', added: 2, removed: 1, changed: 1_500, diff };
    expect(reingestWords(result)).toBe('F.zip was taken anew: 2 added, 1,500 changed, 1 no longer in it (kept).');
    expect(reingestWords({ ...result, added: 0, removed: 0, changed: 0 })).toMatch(/those that are stored/);
  });

  it('reports a check as clean although files could not be asked about', () => {
    const failed = [{ file: 'F.zip', reason: 'the archive answered 503' }];
    expect(checkWords({ checked: 3, stale: [], failed })).toBe(
      '3 files checked, none was replaced; nothing could be learned of 1 file: F.zip: the archive answered 503',
    );
    expect(checkWords({ checked: 1, stale: [finding('a', 1, 'new')], failed: [] })).toBe('1 file checked, 1 replaced.');
    expect(checkWords({ checked: 0, stale: [], failed: [] })).toMatch(/nothing to check/);
  });
});
