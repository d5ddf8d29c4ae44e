import type { Preflight } from '@shared/contract';
import { expect, it } from 'vitest';
import { fetchWords, preflightWords } from './preflight-words';

function of(holes: number, missing: number, explained: number): Preflight {
  const range = { from: 0, to: 60_000 };
  const need = { key: 'binance:spot:BTCUSDT:1m', range, bars: 10, present: 5, holes, missing, explained };
  return { needs: [need], ready: holes === 0, holes, missing, items: [], estimateMs: holes > 0 ? 2_000 : null };
}

it('says that something is missing when it is not, or hides what exists nowhere', () => {
  expect(preflightWords(of(0, 0, 0))).toBe('Every bar is stored');
  expect(preflightWords(of(0, 0, 15))).toBe('Every bar that exists is stored; 15 bars exist nowhere');
  expect(preflightWords(of(3, 1_531, 0))).toBe('1,531 bars not stored');
  expect(preflightWords(of(3, 1_531, 15))).toBe('1,531 bars not stored, 15 bars exist nowhere');
});

it('promises another number of holes, or no time', () => {
  expect(fetchWords(of(3, 1_531, 0))).toBe('Fetch 3 holes (2 s)');
  expect(fetchWords(of(1, 1, 0))).toBe('Fetch 1 hole (2 s)');
});
