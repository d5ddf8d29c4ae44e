#!/usr/bin/env node
// The command line in a checkout: builds what is out of date, then runs the built program with the same arguments.
import { ensureBuild } from './lib/ensure-build.mjs';
import { fail, requireNode } from './lib/project.mjs';

requireNode();
try {
  await ensureBuild();
} catch (error) {
  fail(error.message, 3);
}
await import('../out/main/cli.js');
