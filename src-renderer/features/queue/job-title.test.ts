import { describe, expect, it } from 'vitest';
import { jobTitle } from './job-title';

const key = (symbol: string, interval = '1m') => `binance:spot:${symbol}:${interval}`;

describe('jobTitle', () => {
  it('names a series once, however many of its gaps the job repairs', () => {
    expect(jobTitle([key('BTCUSDT'), key('BTCUSDT'), key('BTCUSDT')])).toBe('BTCUSDT 1m');
  });

  it('says each interval once', () => {
    expect(jobTitle([key('ETHUSDT'), key('SOLUSDT'), key('BTCUSDT', '1h')])).toBe('ETHUSDT, SOLUSDT 1m · BTCUSDT 1h');
  });

  it('counts what it leaves out', () => {
    const keys = Array.from({ length: 1_204 }, (_, i) => key(`S${i}USDT`));
    expect(jobTitle(keys)).toBe('S0USDT, S1USDT, S2USDT, S3USDT 1m and 1,200 more');
  });
});
