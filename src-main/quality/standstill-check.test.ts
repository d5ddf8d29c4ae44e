import type { ProvenanceSpan } from '@shared/contract';
import {
  type Candle,
  candleColumnsOf,
  candleSeries,
  DAY_MS,
  gridOf,
  HOUR_MS,
  type Interval,
  intervalMs,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  rangesWithin,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutageCatalogue } from '../coverage';
import type { Observation } from './observation';
import { StandstillCheck, type Standstills } from './standstill-check';

const at = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);
const catalogue = new OutageCatalogue();

function candle(openTime: number, price: number, trades: number): Candle {
  const high = trades > 0 ? price + 1 : price;
  const volume = trades > 0 ? 2 : 0;
  const [quoteVolume, takerBase, takerQuote] = [volume * price, volume / 2, (volume * price) / 2];
  return { openTime, open: price, high, low: price, close: price, volume, quoteVolume, trades, takerBase, takerQuote };
}

function span(range: Range, source: ProvenanceSpan['source'], file: string | null = null): ProvenanceSpan {
  return { ...range, source, file, sha256: null, etag: null, request: null, jobId: 'job', at: 1 };
}

function observe(interval: Interval, candles: readonly Candle[], facts: Partial<Standstills>, batch = 1_000) {
  const check = new StandstillCheck(gridOf(interval), { stops: [], deniedByRest: [], origins: [], ...facts });
  for (let i = 0; i < candles.length; i += batch) check.push(candleColumnsOf(candles.slice(i, i + batch)));
  return check.finish();
}

/** Flat candles of `interval` over the hours, at the price of the first. */
function flats(interval: Interval, from: string, to: string, price = 100): Candle[] {
  const step = intervalMs(interval);
  return Array.from({ length: (at(to) - at(from)) / step }, (_, i) => candle(at(from) + i * step, price, 0));
}

const stopsOf = (interval: Interval) => catalogue.windows(candleSeries('BTCUSDT', interval));
const told = (found: readonly Observation[]) =>
  found.map(({ kind, range, count }) => [kind, range.from, range.to, count]);

describe('a hole that some program has filled', () => {
  // Entry 21 of the catalogue: 02:00 to 02:59.
  const before = candle(at('2020-02-09 01:59'), 100, 5);
  const behind = candle(at('2020-02-09 03:00'), 107, 5);
  const adopted = span({ from: at('2020-02-09'), to: at('2020-02-10') }, 'adopted', 'filled.csv');
  const facts = { stops: stopsOf('1m'), origins: [adopted] };
  const whole = [at('2020-02-09 02:00'), at('2020-02-09 03:00')];

  it('is present without a word, or is told without its edges, its price, its origin or what can be done', () => {
    const found = observe('1m', [before, ...flats('1m', '2020-02-09 02:00', '2020-02-09 03:00'), behind], facts);
    expect(told(found)).toEqual([['filled_candle', ...whole, 60]]);
    expect(found[0]!.sentence).toBe(
      '60 candles without a trade from 2020-02-09 02:00 to 2020-02-09 02:59 UTC fill a stop of the exchange (outage catalogue, entry 21) at the price before and come from filled.csv. Fetch them again: what REST does not have is deleted.',
    );
    expect(found[0]!.data).toEqual({
      entry: '21',
      deniedByRest: 0,
      price: 'before',
      source: 'adopted',
      origin: 'filled.csv',
      job: 'job',
    });
  });

  it('at the price behind, or at prices of its own, is told as the price before', () => {
    const prices = (list: readonly Candle[]) =>
      observe('1m', [before, ...list, behind], facts).map(({ data }) => (data as { price: string }).price);
    const filled = flats('1m', '2020-02-09 02:00', '2020-02-09 03:00', 107);
    expect(prices(filled)).toEqual(['behind']);
    expect(prices(filled.map((each, i) => candle(each.openTime, 100 + i / 10, 0)))).toEqual(['own']);
    expect(prices(filled.map((each, i) => candle(each.openTime, i === 7 ? 108 : 107, 0)))).toEqual(['own']);
  });

  it('with trades is told as one without, or its candles at the edge of the stop as invented', () => {
    const traded = flats('1m', '2020-02-09 02:00', '2020-02-09 03:00').map(({ openTime }) => candle(openTime, 100, 3));
    const found = observe('1m', [before, ...traded, behind], facts);
    expect(told(found)).toEqual([['phantom_candle', whole[0]! + MINUTE_MS, whole[1]! - MINUTE_MS, 58]]);
    expect(found[0]!.sentence).toContain('58 candles with trades from 2020-02-09 02:01 to 2020-02-09 02:58 UTC lie in');
  });

  it('that nobody adopted, or that the exchange’s own file has, is told alike', () => {
    const rows = flats('1m', '2020-02-09 02:10', '2020-02-09 02:20');
    const [written] = observe('1m', rows, { stops: facts.stops });
    expect(written).toMatchObject({ kind: 'filled_candle', data: { source: null, origin: null, job: null } });
    expect(written!.sentence).toContain('were written by no job of Tapemend');
    const origins = [
      span({ from: at('2020-02-09'), to: at('2020-02-10') }, 'archiveMonthly', 'BTCUSDT-1m-2020-02.zip'),
    ];
    const [stale] = observe('1m', rows, { ...facts, origins });
    expect(stale).toMatchObject({ kind: 'stale_candle', count: 10, data: { price: null } });
    expect(stale!.sentence).toContain(
      'lie in a stop of the exchange (outage catalogue, entry 21) and come from BTCUSDT-1m-2020-02.zip',
    );
  });

  it('is believed because it is outside of all stops, although REST has none of it', () => {
    const range = { from: at('2024-05-05 10:00'), to: at('2024-05-05 12:00') };
    const rows = [candle(range.from - MINUTE_MS, 9, 1), ...flats('1m', '2024-05-05 10:00', '2024-05-05 12:00', 9)];
    const [found] = observe('1m', rows, { deniedByRest: [range] });
    expect(found).toMatchObject({ kind: 'filled_candle', range, count: 120, data: { entry: null, deniedByRest: 120 } });
    expect(found!.sentence).toContain('fill a hole that REST has confirmed at the price before');
    const [both] = observe('1m', flats('1m', '2020-02-09 02:00', '2020-02-09 03:00'), {
      ...facts,
      deniedByRest: [{ from: whole[0]!, to: whole[1]! - MINUTE_MS }],
    });
    expect(both!.sentence).toContain('REST does not have 59 of them.');
  });
});

describe('a real candle near a stop is called invented:', () => {
  const adopted = [span({ from: at('2017-01-01'), to: at('2024-01-01') }, 'adopted', 'real.csv')];

  it('the flat hour at the beginning of the stop of 2017-09-06, or flat minutes that lead into one', () => {
    const hour = candle(at('2017-09-06 16:00'), 100, 0);
    const facts = { stops: stopsOf('1h'), origins: adopted };
    expect(observe('1h', [hour], facts)).toEqual([]);
    expect(told(observe('1h', flats('1h', '2017-09-06 17:00', '2017-09-06 23:00'), facts))).toEqual([
      ['filled_candle', at('2017-09-06 17:00'), at('2017-09-06 23:00'), 6],
    ]);
    // Flat minutes from 03:00 on, missing ones from 03:41.
    const minutes = flats('1m', '2021-02-11 03:00', '2021-02-11 03:41');
    expect(observe('1m', minutes, { stops: stopsOf('1m'), origins: adopted })).toEqual([]);
  });

  it('one that reaches beyond the stop, whatever its interval', () => {
    for (const { entry } of stopsOf('1m'))
      for (const interval of ['5m', '1h', '4h', '1d', '1w', '1M'] as const) {
        const grid = gridOf(interval);
        for (const edge of [entry.from, entry.to - 1]) {
          const open = grid.openAt(grid.indexOf(edge));
          const close = grid.openAt(grid.indexOf(edge) + 1);
          if (entry.from <= open && close <= entry.to) continue;
          const rows = [candle(open, 100, 0)];
          expect([interval, entry.id, observe(interval, rows, { stops: stopsOf(interval), origins: adopted })]).toEqual(
            [interval, entry.id, []],
          );
        }
      }
  });

  it('that of a symbol whose stop begins a minute later or ends a minute earlier', () => {
    for (const { entry } of stopsOf('1m'))
      for (const trades of [0, 4])
        for (const time of [entry.from, entry.to - MINUTE_MS])
          expect(observe('1m', [candle(time, 100, trades)], { stops: stopsOf('1m'), origins: adopted })).toEqual([]);
  });

  it('what REST itself gave', () => {
    const rows = flats('1m', '2020-02-09 02:00', '2020-02-09 03:00');
    const range = { from: at('2020-02-09'), to: at('2020-02-09') + DAY_MS };
    const facts = { stops: stopsOf('1m'), origins: [span(range, 'rest')] };
    expect(observe('1m', rows, facts)).toEqual([]);
    expect(observe('1m', rows, { ...facts, deniedByRest: [range] })).toMatchObject([
      { kind: 'stale_candle', count: 60 },
    ]);
  });
});

describe('whatever is stored', () => {
  const FROM = at('2020-02-09 01:00');
  const MINUTES = 180;
  const STOP = stopsOf('1m').find(({ entry }) => entry.id === '21')!;
  const minute = (i: number): Range => ({ from: FROM + i * MINUTE_MS, to: FROM + (i + 1) * MINUTE_MS });
  const SOURCES = [null, 'adopted', 'archiveDaily', 'rest'] as const;
  const run = fc.record({
    length: fc.integer({ min: 1, max: 30 }),
    stored: fc.constantFrom('flat', 'traded', 'flat', null),
    source: fc.constantFrom(...SOURCES),
    denied: fc.boolean(),
  });

  it('a minute is told otherwise than it and those beside it say, or than in other batches', () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 30 }), fc.integer({ min: 1, max: 50 }), (runs, batch) => {
        const bars = runs.flatMap(({ length, ...bar }) => Array.from({ length }, () => bar)).slice(0, MINUTES);
        const stored = bars.flatMap((bar, i) =>
          bar.stored ? [candle(minute(i).from, 100, bar.stored === 'flat' ? 0 : 1)] : [],
        );
        const facts = {
          stops: [STOP],
          deniedByRest: normalizeRanges(bars.flatMap((bar, i) => (bar.denied ? [minute(i)] : []))),
          origins: bars.flatMap((bar, i) => (bar.source ? [span(minute(i), bar.source)] : [])),
        };

        const expected = new Map<number, string>();
        const isOf = (i: number, range: Range) =>
          rangesWithin([range], minute(i)).some(({ from, to }) => to - from === MINUTE_MS);
        const core = { from: STOP.entry.from + MINUTE_MS, to: STOP.entry.to - MINUTE_MS };
        bars.forEach((bar, i) => {
          if (!bar.stored || !(bar.denied || (bar.source !== 'rest' && isOf(i, core)))) return;
          const isOurs = bar.source === 'archiveDaily' || bar.source === 'rest';
          expected.set(i, isOurs ? 'stale_candle' : bar.stored === 'flat' ? 'filled_candle' : 'phantom_candle');
        });
        const joins = (i: number, other: number) =>
          expected.get(other) === 'filled_candle' && bars[other]!.source === bars[i]!.source && isOf(other, STOP);
        const isFringe = (i: number) =>
          bars[i]!.stored === 'flat' && (bars[i]!.source ?? 'adopted') === 'adopted' && isOf(i, STOP.entry);
        for (let before = -1; before !== expected.size; ) {
          before = expected.size;
          bars.forEach((_, i) => {
            if (!expected.has(i) && isFringe(i) && (joins(i, i - 1) || joins(i, i + 1)))
              expected.set(i, 'filled_candle');
          });
        }

        const found = observe('1m', stored, facts, batch);
        const seen = new Map<number, string>();
        for (const { kind, range, count } of found) {
          expect(count).toBe((range.to - range.from) / MINUTE_MS);
          for (let time = range.from; time < range.to; time += MINUTE_MS) {
            const i = (time - FROM) / MINUTE_MS;
            expect(seen.has(i)).toBe(false);
            seen.set(i, kind);
          }
        }
        expect([...seen].sort(([a], [b]) => a - b)).toEqual([...expected].sort(([a], [b]) => a - b));
      }),
      { numRuns: 500 },
    );
  });

  it('an hour is told that trading reached into', () => {
    const hours = fc.integer({ min: 0, max: 7 * 365 * 24 });
    fc.assert(
      fc.property(
        hours,
        fc.constantFrom('1h', '2h', '4h', '12h', '1d'),
        fc.nat(3),
        (hour, interval: Interval, trades) => {
          const grid = gridOf(interval);
          const open = grid.openAt(grid.indexOf(at('2017-08-17') + hour * HOUR_MS));
          const close = open + intervalMs(interval);
          const found = observe(interval, [candle(open, 100, trades)], { stops: stopsOf(interval) });
          const isWhole = stopsOf(interval).some(({ entry }) => entry.from < open && close <= entry.to);
          if (found.length > 0) expect(isWhole).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
