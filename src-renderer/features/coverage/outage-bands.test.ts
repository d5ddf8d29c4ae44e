import type { Interval, Range } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { spanColumns } from '../../client';
import { bandAt, type OutageRow, outageBands } from './outage-bands';

const MINUTE = 60_000;

function row(interval: Interval, ...outages: [number, number][]): OutageRow {
  const spans = outages.map(([from, to]) => ({
    from: from * MINUTE,
    to: to * MINUTE,
    bars: 1,
    verdict: 'exchange_outage' as const,
  }));
  return { interval, spans: spanColumns(spans) };
}
const minutes = (bands: readonly Range[]) => bands.map(({ from, to }) => [from / MINUTE, to / MINUTE]);

describe('outage bands', () => {
  it('a stop that symbols see a minute apart is drawn twice', () => {
    expect(minutes(outageBands([row('1m', [241, 525]), row('1m', [242, 524])]))).toEqual([[241, 525]]);
  });

  it('a daily candle stretches a stop of minutes over the day', () => {
    const bands = outageBands([row('1d', [0, 1_440]), row('1m', [241, 525], [900, 910])]);
    expect(minutes(bands)).toEqual([
      [241, 525],
      [900, 910],
    ]);
    expect(bands.map(({ rows }) => rows)).toEqual([2, 2]);
  });

  it('a stop that only a longer interval shows is lost', () => {
    expect(minutes(outageBands([row('1h', [60, 120]), row('1m', [241, 525])]))).toEqual([
      [60, 120],
      [241, 525],
    ]);
  });

  it('rows without coverage break it', () => {
    expect(outageBands([{ ...row('1m'), spans: null }])).toEqual([]);
  });

  it('a stop of less than a pixel cannot be hit, or one far away is', () => {
    const bands = outageBands([row('1m', [241, 242], [300, 301])]);
    expect(bandAt(bands, 238 * MINUTE, 5 * MINUTE)?.from).toBe(241 * MINUTE);
    expect(bandAt(bands, 298 * MINUTE, 80 * MINUTE)?.from).toBe(300 * MINUTE);
    expect(bandAt(bands, 270 * MINUTE, 5 * MINUTE)).toBeNull();
  });
});
