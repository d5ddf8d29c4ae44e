export { expect } from '@playwright/test';
export { seriousAxeViolations } from './axe';
export { fetchOneYear, jobOf, questdbPid } from './backfill';
export { type App, type HostOptions, test } from './fixtures';
export { packagedFolder } from './packaged-host';
export { isAlive } from './process';
export { clickStrip, repair } from './window';
