export {
  ChartController,
  type ChartControllerOptions,
  type ChartPicture,
} from './chart-controller';
export type { ChartSeries, ChartStatus } from './chart-status';
export type { ChartFocus } from './focus-range';
export { type ChartGap, firstSpanAfter, gapReason, gapTitle, isGapVerdict, spanAt } from './gap';
export { formatCount, formatPrice, formatVolume } from './price-format';
export {
  drawVerdictMark,
  type MarkBox,
  type MarkColor,
  type MarkPalette,
  type MarkShape,
  PatternCache,
  type PatternShape,
  readMarkPalette,
  VERDICT_MARKS,
  type VerdictMark,
} from './verdict-patterns';
