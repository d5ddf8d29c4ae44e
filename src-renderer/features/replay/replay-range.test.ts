import { gridOf, type Span } from '@shared/market';
import { expect, it } from 'vitest';
import { replayChoices } from './replay-range';

const MINUTE = 60_000;
const grid = gridOf('1m');
const spans: Span[] = [
  { from: 0, to: 100 * MINUTE, bars: 100, verdict: 'not_listed_yet' },
  { from: 100 * MINUTE, to: 200 * MINUTE, bars: 100, verdict: 'present' },
  { from: 200 * MINUTE, to: 300 * MINUTE, bars: 100, verdict: 'unexplained' },
  { from: 300 * MINUTE, to: 400 * MINUTE, bars: 100, verdict: 'present' },
  { from: 400 * MINUTE, to: 500 * MINUTE, bars: 100, verdict: 'not_asked' },
];

it('never offers a replay that has no candle: a selected gap, a view outside of what is stored', () => {
  const gap = { from: 200 * MINUTE, to: 300 * MINUTE };
  const names = replayChoices(grid, spans, { from: 150 * MINUTE, to: 350 * MINUTE }, gap).map((choice) => choice.name);
  expect(names).toEqual(['visible', 'to-newest']);
  expect(replayChoices(grid, spans, { from: 450 * MINUTE, to: 480 * MINUTE }, null)).toEqual([]);
  expect(replayChoices(grid, [], { from: 0, to: MINUTE }, null)).toEqual([]);
});

it('cuts to whole bars and to what is stored', () => {
  const [visible, newest] = replayChoices(grid, spans, { from: 350.4 * MINUTE, to: 900 * MINUTE }, null);
  expect(visible?.range).toEqual({ from: 351 * MINUTE, to: 400 * MINUTE });
  expect(newest?.range).toEqual({ from: 351 * MINUTE, to: 400 * MINUTE });
});
