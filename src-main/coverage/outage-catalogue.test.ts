import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { candleSeries, MINUTE_MS } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { OUTAGES } from '../practice';
import { OutageCatalogue } from './outage-catalogue';
import { SPOT_OUTAGES } from './shipped-outages';

const minutely = new OutageCatalogue().windows(candleSeries('BTCUSDT', '1m'));

const FACTS = resolve(import.meta.dirname, '../../../shared/facts/binance.md');

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

  it.skipIf(!existsSync(FACTS))('differs from the verified table: edges, sources and seconds of every row', () => {
    const table = readFileSync(FACTS, 'utf8').split('## 6. ')[1]!.split('## 7. ')[0]!;
    const rows = [...table.matchAll(/^\| (\d+) \|(.*)\|$/gm)].map(([, id, cells]) => ({
      id: Number(id),
      cells: cells!
        .replaceAll('**', '')
        .split('|')
        .map((cell) => cell.trim()),
    }));
    expect(rows.map(({ id }) => id)).toEqual(SPOT_OUTAGES.map(({ id }) => id));
    for (const { id, cells } of rows) {
      const outage = SPOT_OUTAGES[id - 1]!;
      const [first, last, bars, , remarks, sources] = cells as [string, string, string, string, string, string];
      expect.soft([id, outage.sources]).toEqual([id, Number(sources)]);
      const seconds = /1s (?:only: )?(?:from )?([0-9:]{8})(?: → ([0-9:]{5,8}))?/.exec(remarks);
      const told = [outage.secondsFrom, outage.secondsTo].map((text) => text?.slice(11).padEnd(8, ':00') ?? null);
      const expected = [seconds?.[1] ?? null, seconds?.[2]?.padEnd(8, ':00') ?? null];
      expect.soft([id, ...told]).toEqual([id, ...expected]);
      // Its minutes have candles.
      if (id === 2) continue;
      const days = first.slice(0, 10);
      // Row 27 has two beginnings; REST's is the earlier one.
      const start = /([0-9:]{5}) \(REST\)/.exec(first)?.[1] ?? first.slice(11, 16);
      const end = last.length > 5 ? `${days.slice(0, 5)}${last.replace(' ', 'T')}` : `${days}T${last}`;
      expect.soft([id, outage.firstMissing, outage.lastMissing]).toEqual([id, `${days}T${start}`, end]);
      const count = (Date.parse(`${end}Z`) - Date.parse(`${days}T${start}Z`)) / MINUTE_MS + 1;
      expect.soft([id, count]).toEqual([id, Number(bars.replaceAll(',', '').split('/').at(-1))]);
    }
  });
});
