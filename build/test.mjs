#!/usr/bin/env node
// `npm test`: everything, cheapest first. `npm run check`: types, lint, dead code, import rules. `npm run test:e2e`: the window.
// The last line is the sum, and above it stands what failed: CI shows only the end of a long output. With CI=true a skip
// fails the run, so that nothing is left out unseen, and a few failed files of a long suite run once more (see `twice`).
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findChromium } from './lib/browser.mjs';
import { isStopping, startChild } from './lib/children.mjs';
import { displayProblem, startVirtualDisplay } from './lib/display.mjs';
import { findElectron } from './lib/electron-runtime.mjs';
import { forceBuild } from './lib/ensure-build.mjs';
import { findJdk } from './lib/jlink.mjs';
import { fail, inProject, requireNode, root, tools } from './lib/project.mjs';
import { quickJava } from './lib/quick-java.mjs';
import {
  add,
  lastLine,
  NOTHING,
  playwrightCounts,
  playwrightFailures,
  readCounts,
  readFailures,
  vitestCounts,
  vitestFailures,
} from './lib/test-counts.mjs';

/** More failed files than this are no accident of a busy machine. */
const MOST_FILES_AGAIN = 3;

requireNode();
const [command = 'all', ...passedOn] = process.argv.slice(2);
const inCi = Boolean(process.env.CI) && process.env.CI !== 'false';
const reports = mkdtempSync(join(tmpdir(), 'tapemend-test-'));
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));

/** @type {{ name: string, counts: typeof NOTHING, seconds: number, note?: string }[]} */
const done = [];
/** What failed, and what failed only at first, for the end of the output. */
const failures = [];
const unsteady = [];

if (command === 'check') {
  await check();
  await vitest('import rules', 'unit', ['build/import-rules.test.ts']);
} else if (command === 'e2e') {
  if (await built()) await endToEnd(passedOn);
} else if (command === 'all') {
  await check();
  await vitest('unit', 'unit', []);
  if (await built()) {
    await vitest('integration', 'integration', []);
    await endToEnd([]);
    await packaged();
  } else {
    note('integration', 'not run, because the build failed');
    note('end to end', 'not run, because the build failed');
    note('package', 'not run, because the build failed');
  }
} else {
  fail(`'${command}' is unknown; use \`npm test\`, \`npm run check\` or \`npm run test:e2e\``, 2);
}
process.exit(summary());

async function check() {
  await tool('types: core, scripts, tests', tools.tsc, ['-p', 'tsconfig.json']);
  await tool('types: renderer', tools.tsc, ['-p', 'tsconfig.web.json']);
  await tool('types: shared alone', tools.tsc, ['-p', 'tsconfig.shared.json']);
  await tool('lint and format', tools.biome, ['ci', '--colors=off']);
  await tool('dead code', tools.knip, []);
}

async function built() {
  return step('build', async () => {
    try {
      await forceBuild();
      return { passed: 1, failed: 0, skipped: 0 };
    } catch (error) {
      console.error(error.message);
      return { passed: 0, failed: 1, skipped: 0 };
    }
  });
}

/** A tool whose exit code is the verdict: counts as one test. */
function tool(name, script, args, env = {}) {
  return step(name, async () => {
    const code = await run(process.execPath, [script, ...args], env);
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  });
}

function vitest(name, project, files) {
  const report = join(reports, `${name.replaceAll(' ', '-')}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const runFiles = async (chosen) => {
    rmSync(report, { force: true });
    const env = project === 'integration' ? await javaEnv() : {};
    const args = [tools.vitest, 'run', '--project', project, ...reporters, ...chosen];
    return readCounts(report, await run(process.execPath, args, env), vitestCounts);
  };
  const failed = () => failuresIn(name, report, vitestFailures);
  return step(name, () => (project === 'unit' ? once(files, runFiles, failed) : twice(name, files, runFiles, failed)));
}

async function endToEnd(args) {
  const chromium = findChromium();
  const java = await javaEnv();
  if (chromium) await playwright('end to end: Chromium', 'web', { ...java, E2E_CHROMIUM: chromium }, args);
  else note('end to end: Chromium', 'no Chromium found (set E2E_CHROMIUM, or install chromium)');

  await onScreen('end to end: Electron', (env) =>
    playwright('end to end: Electron', 'electron', { ...java, ...env }, args),
  );
}

/** For tests that start QuestDB; the package is tried as its user would. */
function javaEnv() {
  return quickJava(inProject('.cache'));
}

/** Makes the package and heals a gap in it, where neither Node nor Java is in its reach. */
async function packaged() {
  const name = 'package';
  const { problem } = findJdk();
  if (process.platform !== 'linux') note(name, 'packages are made on Linux only so far');
  else if (problem) note(name, problem);
  else
    await onScreen(name, async (env) => {
      const isMade = await tool('package: made', inProject('build/package.mjs'), ['--no-archive'], env);
      if (isMade) await playwright('package: heals a gap', 'package', env, []);
      else note('package: heals a gap', 'not run, because there is no package');
    });
}

/** Work that needs an Electron runtime and a screen, with the environment that names both; a note when one is missing. */
async function onScreen(name, work) {
  const runtime = findElectron();
  if (!runtime) return note(name, 'no Electron runtime found (`npm start` gets it)');
  const screen = displayProblem() ? await startVirtualDisplay() : { display: process.env.DISPLAY, stop() {} };
  if (!screen) return note(name, 'no display, and Xvfb is not installed');
  await work({
    ELECTRON_OVERRIDE_DIST_PATH: runtime.folder,
    ...(screen.display ? { DISPLAY: screen.display } : {}),
  });
  screen.stop();
}

function playwright(name, project, env, files) {
  const report = join(reports, `${project}.json`);
  const runFiles = async (chosen) => {
    rmSync(report, { force: true });
    const args = [
      tools.playwright,
      'test',
      '-c',
      'e2e/playwright.config.ts',
      // With the equals sign: the option would take file names behind it for more projects.
      `--project=${project}`,
      '--reporter=list,json',
      ...chosen,
    ];
    const code = await run(process.execPath, args, { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: report });
    return readCounts(report, code, playwrightCounts);
  };
  return step(name, () => twice(name, files, runFiles, () => failuresIn(name, report, playwrightFailures)));
}

function failuresIn(suite, report, failuresOf) {
  return readFailures(report, failuresOf).map((failure) => ({ suite, ...failure }));
}

async function once(files, runFiles, failed) {
  const counts = await runFiles(files);
  failures.push(...failed());
  return counts;
}

/**
 * A suite with real servers, clocks and windows. In CI, on a machine that nobody can look at, a few failed files run
 * once more, alone; what passes then counts, and is named as unsteady at the end: a bug of the test or of the product
 * to be mended, but no reason to lose the work of a day. Everywhere else the first run is the verdict.
 */
async function twice(name, files, runFiles, failed) {
  const first = await runFiles(files);
  const atFirst = failed();
  const again = [...new Set(atFirst.map(({ file }) => file))];
  const isWorthIt = inCi && again.length > 0 && again.length <= MOST_FILES_AGAIN && first.failed === atFirst.length;
  if (!isWorthIt || isStopping()) {
    failures.push(...atFirst);
    return first;
  }
  console.log(`\n── ${name}: failed at first, runs once more: ${again.join(', ')}`);
  const second = await runFiles(again);
  const still = failed();
  failures.push(...still);
  const isStill = ({ file, test }) => still.some((other) => other.file === file && other.test === test);
  unsteady.push(...atFirst.filter((failure) => !isStill(failure)));
  return { ...first, passed: first.passed + Math.max(0, first.failed - second.failed), failed: second.failed };
}

function run(file, args, env = {}) {
  return startChild(file, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } })
    .ended;
}

/** Runs one step, tells its result and time, and returns whether nothing failed. */
async function step(name, work) {
  if (isStopping()) process.exit(130);
  console.log(`\n── ${name}`);
  const startedAt = Date.now();
  const counts = await work();
  if (isStopping()) process.exit(130);
  const seconds = (Date.now() - startedAt) / 1000;
  done.push({ name, counts, seconds });
  console.log(`── ${name}: ${lastLine(counts)}, ${seconds.toFixed(1)} s`);
  return counts.failed === 0;
}

/** A suite that cannot run here: said loudly, counted as one skip. */
function note(name, reason) {
  console.log(`\n── ${name}: SKIPPED, ${reason}`);
  done.push({ name, counts: { ...NOTHING, skipped: 1 }, seconds: 0, note: reason });
}

function tell(title, list) {
  if (list.length === 0) return;
  console.log(`\n${title}`);
  for (const { suite, file, test, error } of list.slice(0, 5))
    console.log(`  ${suite}: ${relative(root, file)}: ${test}\n    ${error}`);
  if (list.length > 5) console.log(`  and ${list.length - 5} more`);
}

function summary() {
  const width = Math.max(...done.map((entry) => entry.name.length));
  console.log('\nSummary');
  for (const { name, counts, seconds, note: reason } of done) {
    const mark = counts.failed > 0 ? 'FAILED ' : reason ? 'SKIPPED' : 'ok     ';
    const detail = reason ?? `${lastLine(counts)}`;
    console.log(`  ${mark} ${name.padEnd(width)}  ${seconds.toFixed(1).padStart(6)} s  ${detail}`);
  }
  const total = done.map((entry) => entry.counts).reduce(add, NOTHING);
  const seconds = done.reduce((sum, entry) => sum + entry.seconds, 0);
  console.log(`  total ${seconds.toFixed(0)} s`);
  const skipFails = inCi && total.skipped > 0;
  if (skipFails) console.log('  In CI nothing may be skipped, so this run fails.');
  tell('Failed', failures);
  tell('Failed at first, passed alone (unsteady: to be mended)', unsteady);
  console.log(`\n${lastLine(total)}`);
  return total.failed > 0 || skipFails ? 1 : 0;
}
