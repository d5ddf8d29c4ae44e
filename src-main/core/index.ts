export { adopt, foreignCandles } from './adopt';
export { ContentAudit } from './content-audit';
export { type Core, type CoreFlags, type CoreMetrics, type CoreOptions, createCore } from './core';
export { despiteRestarts } from './despite-restarts';
export type { Running } from './handlers';
export type { Settings } from './settings';
export { type UndoneSeries, undoJob, undoSeries } from './undo';
