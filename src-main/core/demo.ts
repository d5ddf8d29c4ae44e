import {
  alignRange,
  type CandleSeries,
  candleSeries,
  countBars,
  DAY_MS,
  gridOf,
  HOUR_MS,
  MINUTE_MS,
  type Range,
  seriesKey,
  subtractRanges,
} from '@shared/market';
import type { LedgerEntry } from '../questdb';
import type { SeriesList } from './series-list';
import type { Services } from './services';

const DAYS = 45;

/** Holes of the demo, as offsets from the start of its range: a day, an outage-like hour and a half, a single minute. */
const HOLES = [
  { at: 9 * DAY_MS, length: DAY_MS },
  { at: 22 * DAY_MS + 7 * HOUR_MS, length: 90 * MINUTE_MS },
  { at: 31 * DAY_MS + 13 * HOUR_MS + 37 * MINUTE_MS, length: MINUTE_MS },
];

/**
 * Prepares the demo: a few series from the practice exchange, one of them with three holes that the ledger says were stored
 * once, so that they alarm until they are repaired. Does nothing when the workspace follows any series already.
 */
export async function prepareDemo(services: Services, list: SeriesList): Promise<void> {
  if (list.all.length > 0) return;
  const now = services.exchange.now();
  const end = Math.floor(now / DAY_MS) * DAY_MS;
  const range = { from: end - DAYS * DAY_MS, to: Math.floor(now / MINUTE_MS) * MINUTE_MS };
  const holed = candleSeries('BTCUSDT', '1m');
  const others = [candleSeries('ETHUSDT', '1m'), candleSeries('SOLUSDT', '1m')];
  const whole = candleSeries('BTCUSDT', '1h');
  await list.track([holed, ...others, whole]);
  const holes = HOLES.map(({ at, length }) => ({ from: range.from + at, to: range.from + at + length }));

  const items = subtractRanges([range], holes).map((part) => ({ key: seriesKey(holed), range: part }));
  await (await services.backfill.start({ items, source: 'auto' })).finished;
  await claimStored(services, holed, holes);
  const rest = [
    ...others.map((series) => ({ key: seriesKey(series), range })),
    { key: seriesKey(whole), range: { from: Date.UTC(2017, 7, 17), to: Math.floor(now / HOUR_MS) * HOUR_MS } },
  ];
  await services.backfill.start({ items: rest, source: 'auto' });
}

async function claimStored(services: Services, series: CandleSeries, holes: readonly Range[]): Promise<void> {
  const grid = gridOf(series.interval);
  const key = seriesKey(series);
  const entries: LedgerEntry[] = holes.map((hole) => ({
    at: services.exchange.now(),
    key,
    source: 'rest',
    outcome: 'answered',
    range: alignRange(grid, hole),
    rows: countBars(grid, hole),
    absent: [],
    evidence: 'Prepared for the demo: the practice exchange has these candles, and they were taken out of the table.',
    jobId: 'demo',
  }));
  await services.coverage.recordAnswers(entries, new Map([[key, series]]));
}
