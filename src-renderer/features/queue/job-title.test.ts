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
    expect(jobTitle(keys)).toBe('S0USDT, S1USDT, S2USDT and 1,201 more · 1m');
  });

  it('of many symbols with the same intervals shows one symbol and three intervals', () => {
    const keys = ['ADAUSDT', 'BTCUSDT', 'ETHUSDT', 'SOLUSDT'].flatMap((symbol) => [key(symbol), key(symbol, '1h')]);
    expect(jobTitle(keys)).toBe('ADAUSDT, BTCUSDT, ETHUSDT and 1 more · 1m, 1h');
  });

  it('gives every symbol the intervals of the first', () => {
    const keys = [key('ADAUSDT'), key('BTCUSDT'), key('ETHUSDT'), key('SOLUSDT', '1h'), key('XRPUSDT', '1h')];
    expect(jobTitle(keys)).toBe('ADAUSDT, BTCUSDT, ETHUSDT 1m · SOLUSDT 1h and 1 more');
  });
});
