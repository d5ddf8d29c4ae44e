import type { MarketWeight } from '@shared/contract';
import { describe, expect, it } from 'vitest';
import { exchangeNow, weightView, wholeSeconds } from './weight-words';

const NOW = 1_700_000_000_000;
const calm: MarketWeight = {
  market: 'spot',
  used: 412,
  limit: 6_000,
  share: 0.5,
  blockedUntil: null,
  blockedBecause: null,
  waiting: 0,
  nextAt: null,
};
const words = (part: Partial<MarketWeight>) => weightView({ ...calm, ...part }, NOW).sentences.join(' ');

describe('weightView', () => {
  it('measures the bar by the share instead of by the exchange’s limit', () => {
    expect(weightView(calm, NOW)).toMatchObject({ tone: 'ok', used: 412 / 6_000, mark: 0.5, allowed: 3_000 });
    expect(words({})).toMatch(/412 of 6,000 .* at most 3,000 .*50 %.* No request waits\./);
  });

  it('runs over the bar’s end, or divides by a limit that is not known', () => {
    expect(weightView({ ...calm, used: 9_000 }, NOW)).toMatchObject({ used: 1, tone: 'near' });
    expect(weightView({ ...calm, used: 0, limit: 0 }, NOW).used).toBe(0);
  });

  it('keeps counting down a block that is over, or hides one that is not', () => {
    const blockedBecause = 'Too many requests (429); nothing is sent until then.';
    expect(words({ blockedUntil: NOW + 71_300, blockedBecause, waiting: 2, nextAt: NOW + 71_300 })).toMatch(
      /\(429\); nothing is sent until then\. 1 min 12 s more\. 2 requests wait\.$/,
    );
    expect(weightView({ ...calm, blockedUntil: NOW + 1 }, NOW).tone).toBe('blocked');
    expect(weightView({ ...calm, blockedUntil: NOW }, NOW).tone).toBe('ok');
    expect(words({ blockedUntil: NOW, blockedBecause })).not.toMatch(/429/);
  });

  it('says when the next request leaves only while that lies ahead', () => {
    expect(words({ waiting: 1, nextAt: NOW + 11_200 })).toMatch(/1 request waits; the next leaves in 12 s\.$/);
    expect(words({ waiting: 1, nextAt: NOW - 5 })).toMatch(/1 request waits\.$/);
  });
});

it('a countdown shows tenths of seconds, or ends at nought', () => {
  expect([wholeSeconds(0), wholeSeconds(2_400), wholeSeconds(59_900)]).toEqual(['1 s', '3 s', '1 min']);
});

it('a block is counted by this machine’s wrong clock', () => {
  expect(exchangeNow({ clockOffsetMs: -4_000 }, NOW)).toBe(NOW - 4_000);
  expect(exchangeNow({ clockOffsetMs: null }, NOW)).toBe(NOW);
});
