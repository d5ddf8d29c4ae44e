export { expect } from '@playwright/test';
export { seriousAxeViolations } from './axe';
export { type App, type HostOptions, test } from './fixtures';
export { isAlive } from './process';
