export * from './candles';
export * from './grid';
export * from './interval';
export * from './range';
export * from './series';
export * from './time';
export * from './trades';
export * from './verdict';
