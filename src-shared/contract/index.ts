export * from './adoption';
export * from './errors';
export * from './frames';
export * from './model';
export * from './preflight';
export * from './require-series';
export * from './routes';
