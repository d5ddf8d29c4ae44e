export { expect } from '@playwright/test';
export { seriousAxeViolations } from './axe';
export { fetchOneYear, jobOf } from './backfill';
export { questdbPid, runSql } from './database';
export { type App, type HostOptions, test } from './fixtures';
export { packagedFolder } from './packaged-host';
export { isAlive } from './process';
export { clickStrip, repair, viewAtRest, viewTold } from './window';
