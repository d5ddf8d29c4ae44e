export { axisTicks, scaleText } from './axis-ticks';
export { listRows } from './row-list';
export { type StripsHandle, selectionRange } from './strips-handle';
export type { DragMode } from './strips-input';
export { StripsView } from './strips-view';
export { rangeOf, type TimeView } from './time-view';

import './coverage.css';
