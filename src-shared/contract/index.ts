export * from './errors';
export * from './frames';
export * from './model';
export * from './require-series';
export * from './routes';
