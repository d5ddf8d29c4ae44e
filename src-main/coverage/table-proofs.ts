import {
  closeOf,
  countBars,
  type FlatsProof,
  HOUR_MS,
  isTradeSeries,
  type Range,
  type TradeIdsProof,
  type TradeSeries,
} from '@shared/market';
import type { QuestDbStore, TradeRun } from '../questdb';
import type { Model } from './model';

/** Trades further away than this from a span say nothing of it, unless their ids follow each other. */
const NEAR_MS = HOUR_MS;

/** Candles without any trade that lead into the span; null when there are none. */
export async function flatsProof(
  store: Pick<QuestDbStore, 'lastTradedCandle'>,
  { series, grid, content }: Model,
  span: Range,
): Promise<FlatsProof | null> {
  if (isTradeSeries(series) || content.bars.flat === 0) return null;
  const run = content.bars.present.find(({ to }) => to === span.from);
  if (!run) return null;
  const traded = await store.lastTradedCandle(series, span.from);
  const from = traded === null ? run.from : Math.max(run.from, closeOf(grid, traded));
  if (from >= span.from) return null;
  return { kind: 'flats', from, to: span.from, bars: countBars(grid, { from, to: span.from }) };
}

/** The stored trades on both sides of the span; null when they say nothing of it. `runs` are all stored ids. */
export async function tradeIdsProof(
  store: Pick<QuestDbStore, 'tradesAround'>,
  series: TradeSeries,
  runs: readonly TradeRun[],
  span: Range,
): Promise<TradeIdsProof | null> {
  const first = runs[0];
  const last = runs[runs.length - 1];
  // Nearly always nothing is stored there, and the table need not be asked.
  if (!first || !last || first.firstTime >= span.from * 1000 || last.lastTime < span.to * 1000) return null;
  const { before, after } = await store.tradesAround(series, span.from);
  if (!before || !after) return null;
  const continuous = after.at >= span.to && after.id === before.id + 1;
  const isNear = before.at >= span.from - NEAR_MS && after.at < span.to + NEAR_MS;
  return continuous || isNear ? { kind: 'trade_ids', before, after, continuous } : null;
}
