import { AppError, requireCandleSeries } from '@shared/contract';
import { expect, it } from 'vitest';
import { BinanceHistoryStrategy } from './binance-history-strategy';
import { candleNeeds } from './candle-needs';
import { Strategy } from './strategy';
import { StreamInput } from './stream-input';

const HOUR = 3_600_000;
const range = { from: Date.UTC(2024, 0, 2), to: Date.UTC(2024, 0, 3) };

it('the bars before a run that fill the windows of its streams are forgotten, or one too many is asked for', () => {
  const keys = ['binance:spot:BTCUSDT:1h', 'binance:um:ETHUSDT:1d'];
  const strategy = new BinanceHistoryStrategy(keys.map(requireCandleSeries), undefined, 25);
  strategy.setup();
  expect(candleNeeds(strategy, range)).toEqual([
    { key: keys[0], range: { from: range.from - 24 * HOUR, to: range.to } },
    { key: keys[1], range: { from: range.from - 24 * 24 * HOUR, to: range.to } },
  ]);
});

it('a stream that is no series of candles is passed over in silence', () => {
  class Other extends Strategy {
    override setup(): void {
      this.addNodes([new StreamInput({ interval: 60, period: 5, config: { topic: 'news' } })]);
    }
  }
  const strategy = new Other();
  strategy.setup();
  expect(() => candleNeeds(strategy, range)).toThrow(AppError);
  expect(() => candleNeeds(strategy, range)).toThrow(/names no series of candles/);
});
