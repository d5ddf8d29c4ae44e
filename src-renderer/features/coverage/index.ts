export { scaleText } from './axis-ticks';
export type { StripsHandle } from './strips-handle';
export type { DragMode } from './strips-input';
export { StripsView } from './strips-view';
export { rangeOf } from './time-view';
export { useStripsView } from './view-store';

import './coverage.css';
