import { candleSeries } from '@shared/market';
import { expect, it } from 'vitest';
import { candleTableOf } from './candle-table';
import { candleTableStatement } from './ensure-candle-table';

it('would create the example table of the file instead of the asked one', () => {
  const seconds = candleTableStatement(candleTableOf(candleSeries('ETHUSDT', '1s', 'um')));
  expect(seconds).toContain('"binance_um_ethusdt_1s"');
  expect(seconds).toContain('PARTITION BY MONTH WAL');
  const months = candleTableStatement(candleTableOf(candleSeries('ETHUSDT', '1M')));
  expect(months).toContain('"binance_spot_ethusdt_1mo"');
  expect(months).toContain('PARTITION BY YEAR WAL');
  expect(seconds + months).not.toContain('btcusdt');
});

it('would put text into SQL that is no table name', () => {
  expect(() => candleTableStatement({ table: 'a"; DROP TABLE b', intervalSeconds: 60 })).toThrow(/cannot be a table/);
});
