export { scaleText, shownText } from './axis-ticks';
export { listRows } from './row-list';
export { RunsPainter } from './runs-painter';
export { createStripReducer, type StripReducer } from './strip-runs';
export { stripes } from './stripes';
export type { StripsHandle } from './strips-handle';
export type { DragMode } from './strips-input';
export { StripsLegend } from './strips-legend';
export { readStripsPalette, type StripsPalette } from './strips-palette';
export { StripsView } from './strips-view';
export { rangeOf } from './time-view';
export { placeTooltip } from './tooltip-place';
export { useStripsView } from './view-store';

import './coverage.css';
