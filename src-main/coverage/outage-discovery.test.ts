import {
  candleSeries,
  gridOf,
  type Interval,
  MINUTE_MS,
  normalizeRanges,
  type Range,
  subtractRanges,
} from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { foldLedger } from './ledger-view';
import type { Model } from './model';
import { type ModelContent, noContent } from './model-content';
import { OutageCatalogue } from './outage-catalogue';
import { discoverStops, stopWitnesses } from './outage-discovery';

const BARS = 30;
const T0 = Date.UTC(2020, 1, 9);
const minutes = (from: number, to: number): Range => ({ from: T0 + from * MINUTE_MS, to: T0 + to * MINUTE_MS });

interface Told {
  /** Ranges that REST was asked about, and what it lacks of them; everything else that was asked is stored. */
  asked: readonly Range[];
  lacks: readonly Range[];
  /** Who said so. */
  source?: LedgerEntry['source'];
}

function model(symbol: string, { asked, lacks, source = 'rest' }: Told, interval: Interval = '1m'): Model {
  const series = candleSeries(symbol, interval);
  const entries = asked.map((range, at) => ({
    at,
    key: symbol,
    source,
    outcome: 'answered' as const,
    range,
    rows: 0,
    absent: [...lacks].flatMap(({ from, to }) => {
      const piece = { from: Math.max(from, range.from), to: Math.min(to, range.to) };
      return piece.from < piece.to ? [piece] : [];
    }),
    evidence: '',
    jobId: '',
  }));
  const ledger = foldLedger(entries);
  const empty = noContent(series, {} as never, ledger);
  const present = subtractRanges(asked, lacks);
  const content: ModelContent = { ...empty, bars: { ...empty.bars, present } } as ModelContent;
  const outages = new OutageCatalogue().windows(series);
  return {
    series,
    nodeId: null,
    grid: gridOf(interval),
    content,
    version: null,
    ledger,
    outages,
    revision: 1,
    halts: null,
    spans: null,
  };
}

const found = (models: Model[]) =>
  discoverStops(stopWitnesses(models)).map(({ from, to, lacking, having }) => ({
    from: (from - T0) / MINUTE_MS,
    to: (to - T0) / MINUTE_MS,
    lacking: lacking
      .map(({ series }) => series.symbol)
      .sort()
      .join(),
    having: having.map(({ series }) => series.symbol).join(),
  }));

describe('a stop of the exchange', () => {
  const all = [minutes(0, BARS)];
  const stopped: Told = { asked: all, lacks: [minutes(5, 15)] };

  it('is missed because an edge differs by a minute, or one symbol of five went on', () => {
    const edge: Told = { asked: all, lacks: [minutes(6, 15)] };
    const on: Told = { asked: all, lacks: [] };
    expect(
      found([model('A', stopped), model('B', stopped), model('C', stopped), model('D', edge), model('E', on)]),
    ).toEqual([{ from: 6, to: 15, lacking: 'A,B,C,D', having: 'E' }]);
    expect(found([model('A', stopped), model('B', stopped), model('C', stopped), model('E', on)])).toEqual([]);
    expect(found([model('A', stopped), model('B', stopped)])).toEqual([]);
  });

  it('is made of what only archives lack, of what the catalogue has, or of symbols that nobody asked', () => {
    const archive: Told = { ...stopped, source: 'archiveMonthly' };
    expect(found([model('A', stopped), model('B', stopped), model('C', archive)])).toEqual([]);
    // Entry 21: 02:00 to 02:59 of this day.
    const known: Told = { asked: [minutes(0, 300)], lacks: [minutes(120, 180)] };
    expect(found([model('A', known), model('B', known), model('C', known)])).toEqual([]);
    const silent: Told = { asked: [minutes(20, BARS)], lacks: [] };
    expect(found([model('A', stopped), model('B', stopped), model('C', stopped), model('D', silent)])).toHaveLength(1);
  });

  it('is proposed once for each interval that shows it', () => {
    const hours: Told = { asked: [minutes(0, 300)], lacks: [minutes(0, 60)] };
    const fine: Told = { asked: [minutes(0, 300)], lacks: [minutes(3, 58)] };
    const models = ['A', 'B', 'C'].flatMap((symbol) => [model(symbol, hours, '1h'), model(symbol, fine)]);
    expect(found(models)).toEqual([{ from: 3, to: 58, lacking: 'A,B,C', having: '' }]);
  });

  it('differs from looking at every minute by itself', () => {
    const piece = fc
      .tuple(fc.nat(BARS - 1), fc.integer({ min: 1, max: 15 }))
      .map(([from, long]) => minutes(from, Math.min(BARS, from + long)));
    const told = fc.record({
      asked: fc.array(piece, { minLength: 1, maxLength: 2 }).map((ranges) => normalizeRanges(ranges)),
      lacks: fc.array(piece, { maxLength: 3 }).map((ranges) => normalizeRanges(ranges)),
    });
    fc.assert(
      fc.property(fc.array(told, { maxLength: 7 }), (symbols) => {
        const stops = found(symbols.map((each, index) => model(`S${index}`, each)));
        for (let minute = 0; minute < BARS; minute++) {
          const at = minutes(minute, minute + 1);
          const isIn = (ranges: readonly Range[]) => ranges.some(({ from, to }) => from <= at.from && at.to <= to);
          const asked = symbols.filter((each) => isIn(each.asked));
          const lacking = asked.filter((each) => isIn(each.lacks)).length;
          const isStop = lacking >= 3 && lacking >= 0.8 * asked.length;
          expect(stops.some(({ from, to }) => from <= minute && minute < to)).toBe(isStop);
        }
      }),
      { numRuns: 500 },
    );
  });
});
