import type { MissingBars } from '@shared/contract';
import { isTradeSeries, type Range, type Span, verdictClass } from '@shared/market';
import { type CoverageFacts, deriveSpans, openOfRunningBar } from './derive-spans';
import type { Model } from './model';
import type { ModelContent } from './model-content';

/** Trades of the newest moments are not all there yet: a minute of them is asked for when it has been over for so long. */
const TRADES_SETTLE_MS = 3_000;

/** Spans of the extent, which list, strips and matrix ask for one after the other. `now` is epoch ms by the exchange's clock. */
export function spansOf(model: Model, facts: CoverageFacts, now: number): Span[] {
  const extent = extentOf(model, now);
  const { halted = [], grid } = facts;
  const of = [model.revision, extent.from, extent.to, openOfRunningBar(grid, facts.now), JSON.stringify(halted)].join(
    ' ',
  );
  if (model.spans?.of !== of) model.spans = { of, list: deriveSpans(facts, extent) };
  return [...model.spans.list];
}

/** What is known of the series without the others. */
export function ownFactsOf(model: Model, now: number): CoverageFacts {
  return {
    grid: model.grid,
    present: model.content.bars.present,
    ledger: model.ledger,
    outages: model.outages,
    holes: model.content.holes,
    now: now - (isTradeSeries(model.series) ? TRADES_SETTLE_MS : 0),
  };
}

/** From the first candle of the symbol, the first row or the first question asked (whichever is earliest) until now. */
export function extentOf(model: Model, now: number): Range {
  const end = openOfRunningBar(model.grid, now);
  const { firstCandle, answered, failed } = model.ledger;
  const asked = [answered[0]?.from ?? null, failed[0]?.from ?? null];
  const starts = [firstCandle, model.content.bars.first, ...asked].filter((t) => t !== null);
  if (starts.length === 0) return { from: end, to: end };
  const from = model.grid.openAt(model.grid.indexOf(Math.min(...starts)));
  return { from, to: Math.max(end, from) };
}

export function tradesOf({ trades }: ModelContent): { trades?: number } {
  return trades === null ? {} : { trades };
}

/** The bars of the spans that are missing, by whether something explains them. */
export function missingBars(spans: readonly Span[]): MissingBars {
  return {
    explained: sumBars(spans.filter((span) => verdictClass(span.verdict) === 'explained')),
    unexplained: sumBars(spans.filter((span) => verdictClass(span.verdict) === 'unexplained')),
  };
}

/** Bars of the spans together. */
export function sumBars(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.bars, 0);
}
