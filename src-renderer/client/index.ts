export * from './connect';
export * from './coverage-book';
export * from './job-state';
export * from './session';
export * from './session-context';
export * from './span-columns';
export * from './window-store';
