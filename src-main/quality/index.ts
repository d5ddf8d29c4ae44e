export * from './bars-of-trades';
export * from './compare-bars';
export * from './observation';
export * from './outlier-check';
export { rollUp } from './roll-up';
export * from './seam-check';
export * from './structure-check';
