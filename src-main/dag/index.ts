export * from './history';
export * from './node-ids';
