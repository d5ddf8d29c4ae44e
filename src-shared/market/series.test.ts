import { describe, expect, it } from 'vitest';
import { candleSeries, parseCandleSeriesKey, parseSeriesKey, seriesKey, tableName } from './series';
import { formatTime, parseTime } from './time';

describe('series', () => {
  it('minutes and months never share a table, although table names ignore case', () => {
    expect(tableName(candleSeries('BTCUSDT', '1m'))).toBe('binance_spot_btcusdt_1m');
    expect(tableName(candleSeries('BTCUSDT', '1M'))).toBe('binance_spot_btcusdt_1mo');
  });

  it('keys survive the round trip and what is no key is refused', () => {
    for (const key of ['binance:spot:BTCUSDT:1m', 'binance:um:BTCUSDT_240628:1M', 'binance:cm:BTCUSD_PERP:aggTrade']) {
      expect(seriesKey(parseSeriesKey(key)!)).toBe(key);
    }
    for (const key of [
      '',
      'binance:spot:btcusdt:1m',
      'binance:spot:BTCUSDT:7m',
      'kraken:spot:BTCUSDT:1m',
      'binance:spot:A:1m:x',
      'binance:spot:"; DROP:1m',
    ]) {
      expect(parseSeriesKey(key), key).toBeNull();
    }
    expect(parseCandleSeriesKey('binance:spot:BTCUSDT:aggTrade')).toBeNull();
  });
});

describe('times on the command line', () => {
  it.each([
    ['2020-01-01', Date.UTC(2020, 0, 1)],
    ['2020-01-01T12:34', Date.UTC(2020, 0, 1, 12, 34)],
    ['2020-01-01 12:34:56.5Z', Date.UTC(2020, 0, 1, 12, 34, 56, 500)],
    ['2020-01-01T09:00:00+09:00', Date.UTC(2020, 0, 1)],
    ['1577836800000', Date.UTC(2020, 0, 1)],
  ])('%s is read as UTC unless it names a zone', (text, expected) => {
    expect(parseTime(text)).toBe(expected);
  });

  it.each(['2021-02-30', '2020-13-01', 'yesterday', '2020-01-01T25:00', '', '123'])(
    '%s is refused, not guessed',
    (text) => {
      expect(parseTime(text)).toBeNull();
    },
  );

  it('seconds are shown only when there are any', () => {
    expect(formatTime(Date.UTC(2021, 1, 17))).toBe('2021-02-17 00:00');
    expect(formatTime(Date.UTC(2017, 11, 4, 6, 0, 20, 799))).toBe('2017-12-04 06:00:20.799');
  });
});
