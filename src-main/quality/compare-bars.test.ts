import { type Candle, DAY_MS, gridOf, HOUR_MS, type Interval, MINUTE_MS } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBars, pairBars } from './compare-bars';
import { type RolledBar, rollUp } from './roll-up';
import { batchesOf, quietCandles } from './testing';

const FROM = Date.UTC(2024, 0, 31, 22);

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const each of source) list.push(each);
  return list;
}

function roll(candles: readonly Candle[], fine: Interval, coarse: Interval): Promise<RolledBar[]> {
  return all(rollUp(batchesOf(candles), gridOf(fine), gridOf(coarse)));
}

describe('rolling up', () => {
  it('takes the wrong candle for open or close, or loses a batch between two hours', async () => {
    const candles = quietCandles(FROM, 130);
    const hours = await roll(candles, '1m', '1h');
    expect(hours.map(({ open, bars, of }) => [open, bars, of])).toEqual([
      [FROM, 60, 60],
      [FROM + HOUR_MS, 60, 60],
      [FROM + 2 * HOUR_MS, 10, 60],
    ]);
    const second = candles.slice(60, 120);
    expect(hours[1]!.candle).toMatchObject({
      open: second[0]!.open,
      close: second[59]!.close,
      high: Math.max(...second.map(({ high }) => high)),
      low: Math.min(...second.map(({ low }) => low)),
      trades: second.reduce((sum, { trades }) => sum + trades, 0),
    });
  });

  it('months are taken for thirty days', async () => {
    const days = quietCandles(Date.UTC(2024, 0, 30), 40, DAY_MS);
    const months = await roll(days, '1d', '1M');
    expect(months.map(({ open, bars, of }) => [new Date(open).getUTCMonth() + 1, bars, of])).toEqual([
      [1, 2, 31],
      [2, 29, 29],
      [3, 9, 31],
    ]);
  });

  it('in two steps comes to something else than in one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 120 }),
        async (places) => {
          const every = quietCandles(FROM, 401);
          const candles = [...places].sort((a, b) => a - b).map((place) => every[place]!);
          const steps = await roll(
            (await roll(candles, '1m', '15m')).map(({ candle }) => candle),
            '15m',
            '4h',
          );
          const once = await roll(candles, '1m', '4h');
          expect(steps.map(({ candle }) => round(candle))).toEqual(once.map(({ candle }) => round(candle)));
        },
      ),
    );
  });
});

function round(candle: Candle): Record<string, number> {
  return Object.fromEntries(Object.entries(candle).map(([field, value]) => [field, Math.round(value * 1e6) / 1e6]));
}

describe('comparing stored candles with rolled ones', () => {
  const grid = gridOf('1h');
  async function compare(stored: readonly Candle[], minutes: readonly Candle[]) {
    const rolled = rollUp(batchesOf(minutes), gridOf('1m'), grid);
    return compareBars(pairBars(batchesOf(stored, 2), grid, rolled), grid, 'rollup_difference', 'the 1m candles');
  }

  it('the same market at two intervals differs', async () => {
    const minutes = quietCandles(FROM, 600);
    const hours = (await roll(minutes, '1m', '1h')).map(({ candle }) => candle);
    expect(await compare(hours, minutes)).toEqual({ compared: 10, different: 0, observations: [] });
  });

  it('another open or volume passes, and neighbours that differ alike are told one by one', async () => {
    const minutes = quietCandles(FROM, 600);
    const hours = (await roll(minutes, '1m', '1h')).map(({ candle }) => candle);
    for (const i of [3, 4]) hours[i] = { ...hours[i]!, open: hours[i]!.open + 1 };
    hours[7] = { ...hours[7]!, volume: hours[7]!.volume * 1.001 };
    const { different, observations } = await compare(hours, minutes);
    expect(different).toBe(3);
    expect(observations.map(({ sentence }) => sentence)).toEqual([
      '2 candles from 2024-02-01 01:00 to 2024-02-01 02:00 UTC differ from the 1m candles in open.',
      'A candle at 2024-02-01 05:00 UTC differs from the 1m candles in volume.',
    ]);
  });

  it('the order in which volumes were added up is a difference', async () => {
    const minutes = quietCandles(FROM, 60).map((candle, i) => ({ ...candle, volume: 1.37 / (i + 3) }));
    const [hour] = await roll(minutes, '1m', '1h');
    const reversed = minutes.reduceRight((sum, { volume }) => sum + volume, 0);
    expect(reversed).not.toBe(hour!.candle.volume);
    expect((await compare([{ ...hour!.candle, volume: reversed }], minutes)).different).toBe(0);
  });

  it('bars that only one side has shift those behind them', async () => {
    const minutes = quietCandles(FROM, 600).filter((_, i) => i < 120 || i >= 240);
    const hours = (await roll(quietCandles(FROM, 600), '1m', '1h')).map(({ candle }) => candle);
    hours.splice(5, 1);
    expect(await compare(hours, minutes)).toMatchObject({ compared: 7, different: 0 });
  });

  it('an off-grid minute is not taken for its bar', async () => {
    const minutes = quietCandles(FROM + 20_799, 60);
    const hours = await roll(minutes, '1m', '1h');
    expect(hours.map(({ bars }) => bars)).toEqual([60]);
    expect(minutes[0]!.openTime % MINUTE_MS).not.toBe(0);
  });
});
