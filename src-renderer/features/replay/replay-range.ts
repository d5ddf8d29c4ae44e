import { alignRange, type Grid, type Range, type Span } from '@shared/market';
import { firstSpanAfter } from '../../charts';

/** What a replay may run over. */
export interface ReplayChoice {
  readonly name: 'selection' | 'visible' | 'to-newest';
  readonly range: Range;
}

/** Whether any stored candle lies in `range`. */
export function hasCandles(spans: readonly Span[], range: Range): boolean {
  for (let i = firstSpanAfter(spans, range.from); i < spans.length && spans[i]!.from < range.to; i++)
    if (spans[i]!.verdict === 'present') return true;
  return false;
}

/**
 * Ranges that a replay can be started with, the likeliest first: the selection, what is visible, and from its left edge to
 * the newest candle. Each has candles, is cut to whole bars and to what is stored.
 */
export function replayChoices(
  grid: Grid,
  spans: readonly Span[],
  visible: Range | null,
  selection: Range | null,
): ReplayChoice[] {
  const present = spans.filter((span) => span.verdict === 'present');
  const [first, last] = [present[0], present[present.length - 1]];
  if (!first || !last) return [];
  const choices: ReplayChoice[] = [];
  const offer = (name: ReplayChoice['name'], wanted: Range | null) => {
    if (!wanted) return;
    const cut = { from: Math.max(wanted.from, first.from), to: Math.min(wanted.to, last.to) };
    const range = alignRange(grid, cut);
    if (range.to > range.from && hasCandles(spans, range)) choices.push({ name, range });
  };
  offer('selection', selection);
  offer('visible', visible);
  offer('to-newest', visible && { from: visible.from, to: last.to });
  return choices;
}
