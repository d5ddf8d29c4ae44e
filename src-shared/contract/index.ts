/** What the core answers is plain data in the trusted direction: types without validation. What it is asked is validated (`routes`). */
export * from './adoption';
export * from './app-state';
export * from './backfill';
export * from './coverage';
export * from './errors';
export * from './findings';
export * from './frames';
export * from './outages';
export * from './preflight';
export * from './provenance';
export * from './replay';
export * from './require-series';
export * from './routes';
export * from './symbols';
