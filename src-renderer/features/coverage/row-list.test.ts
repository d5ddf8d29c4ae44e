import type { SeriesSummary } from '@shared/contract';
import type { Interval } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { listRows } from './row-list';
import { maxScroll, ROW_HEIGHT, rowAt, rowTop, visibleRows } from './strips-scene';

function series(symbol: string, interval: Interval = '1m', unexplained = 0): SeriesSummary {
  return {
    key: `binance:spot:${symbol}:${interval}`,
    market: 'spot',
    symbol,
    interval,
    table: `binance_spot_${symbol.toLowerCase()}_${interval}`,
    revision: 1,
    bars: 10,
    first: 0,
    last: 600_000,
    listedAt: null,
    missing: { explained: 0, unexplained },
  } as SeriesSummary;
}

const ALL = { text: '', intervals: [], needsAction: false } as const;
const none = () => 0;

describe('list of rows', () => {
  it('orders intervals by their letters instead of their length', () => {
    const rows = listRows(
      [series('BTCUSDT', '1h'), series('BTCUSDT', '5m'), series('BTCUSDT', '15m')],
      ALL,
      'symbol',
      none,
    );
    expect(rows.map((row) => row.interval)).toEqual(['5m', '15m', '1h']);
  });

  it('finds words in any order and case', () => {
    const rows = listRows(
      [series('BTCUSDT', '1h'), series('BTCUSDT'), series('ETHUSDT', '1h')],
      { ...ALL, text: ' 1H btc ' },
      'symbol',
      none,
    );
    expect(rows.map((row) => row.key)).toEqual(['binance:spot:BTCUSDT:1h']);
  });

  it('hides a series with an alarm, or shows one without, when only what needs action is asked for', () => {
    const alarming = (key: string) => (key.includes('ETH') ? 3 : 0);
    const rows = listRows(
      [series('BTCUSDT', '1m', 500), series('ETHUSDT')],
      { ...ALL, needsAction: true },
      'symbol',
      alarming,
    );
    expect(rows.map((row) => row.symbol)).toEqual(['ETHUSDT']);
  });

  it('puts what alarms most first, then what is missing most', () => {
    const alarming = (key: string) => (key.includes('SOL') ? 1 : 0);
    const rows = listRows(
      [series('ADAUSDT'), series('BTCUSDT', '1m', 500), series('SOLUSDT')],
      ALL,
      'missing',
      alarming,
    );
    expect(rows.map((row) => row.symbol)).toEqual(['SOLUSDT', 'BTCUSDT', 'ADAUSDT']);
  });
});

describe('rows on screen', () => {
  it('draws a row that is out of sight, or leaves one out that is partly seen', () => {
    const height = 32 + 10 * ROW_HEIGHT;
    expect(visibleRows(200, height, 0)).toEqual({ first: 0, last: 10 });
    expect(visibleRows(200, height, ROW_HEIGHT + 1)).toEqual({ first: 1, last: 12 });
    expect(visibleRows(3, height, 0)).toEqual({ first: 0, last: 3 });
    expect(visibleRows(0, height, 0)).toEqual({ first: 0, last: 0 });
  });

  it('the last row cannot be scrolled fully into sight', () => {
    const height = 32 + 10 * ROW_HEIGHT;
    const { last } = visibleRows(200, height, maxScroll(200, height));
    expect(last).toBe(200);
    expect(rowTop({ scrollTop: maxScroll(200, height) }, 199) + ROW_HEIGHT).toBe(height);
  });

  it('finds the row under a pointer where it is drawn', () => {
    for (const scrollTop of [0, 7, 400])
      for (const row of [0, 5, 40]) {
        const top = rowTop({ scrollTop }, row);
        if (top >= 32) expect(rowAt({ scrollTop }, top + 3)).toBe(row);
      }
    expect(rowAt({ scrollTop: 400 }, 10)).toBe(-1);
  });
});
