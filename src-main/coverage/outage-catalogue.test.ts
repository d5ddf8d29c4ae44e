import { candleSeries, MINUTE_MS } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { OUTAGES } from '../practice';
import { OutageCatalogue } from './outage-catalogue';
import { SPOT_OUTAGES } from './shipped-outages';

const minutely = new OutageCatalogue().windows(candleSeries('BTCUSDT', '1m'));

describe('the outage catalogue', () => {
  it("explains every missing minute of the exchange's own list, REST and monthly files alike", () => {
    const unexplained = OUTAGES.flatMap((stop) => {
      const window = minutely.find((each) => each.entry.id === String(stop.row));
      return [stop.minutes, ...(stop.monthlyMinutes ? [stop.monthlyMinutes] : [])]
        .filter((range) => range.to > range.from)
        .filter((range) => !window || window.from > range.from || window.to < range.to)
        .map(() => stop.row);
    });
    expect(unexplained).toEqual([]);
  });

  it('claims no more than a minute on each side beyond a stop, so that a hole beside it still alarms', () => {
    for (const { entry, from, to } of minutely) {
      const stop = OUTAGES.find((each) => String(each.row) === entry.id)!;
      const start = Math.min(
        stop.minutes.from,
        stop.monthlyMinutes?.from ?? stop.minutes.from,
        stop.seconds?.from ?? Number.POSITIVE_INFINITY,
      );
      const end = Math.max(stop.minutes.to, stop.seconds?.to ?? 0);
      expect.soft([entry.id, from >= start - 2 * MINUTE_MS, to <= end + 2 * MINUTE_MS]).toEqual([entry.id, true, true]);
    }
  });

  it('has the 35 entries in order of time, and one of them at one second only', () => {
    expect(SPOT_OUTAGES.map((each) => each.id)).toEqual(Array.from({ length: 35 }, (_, index) => index + 1));
    expect(minutely.map((each) => each.entry.id)).not.toContain('2');
    expect(new OutageCatalogue().windows(candleSeries('BTCUSDT', '1s')).map((each) => each.entry.id)).toContain('2');
    expect(minutely.every((each, index) => index === 0 || each.from >= minutely[index - 1]!.from)).toBe(true);
  });

  it('knows nothing of futures, which went on while spot stood still', () => {
    expect(new OutageCatalogue().windows(candleSeries('BTCUSDT', '1m', 'um'))).toEqual([]);
  });
});
