export * from './button';
export * from './dialog';
export * from './empty-state';
export * from './format';
export * from './market-words';
export * from './progress-bar';
export * from './verdict-mark';
export * from './verdict-words';
