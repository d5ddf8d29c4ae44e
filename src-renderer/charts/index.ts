export { MONO, SANS } from './canvas-fonts';
export {
  ChartController,
  type ChartControllerOptions,
  type ChartPicture,
} from './chart-controller';
export type { ChartSeries, ChartStatus } from './chart-status';
export type { ChartFocus } from './focus-range';
export { type ChartGap, firstSpanAfter, spanAt } from './gap';
export { formatCount } from './price-format';
export {
  drawVerdictMark,
  type MarkBox,
  type MarkColor,
  type MarkPalette,
  type MarkShape,
  PatternCache,
  type PatternShape,
  readMarkPalette,
  type VerdictMark,
} from './verdict-patterns';
