#!/usr/bin/env node
// `npm run package`: a folder and a tar.gz for Linux that start on a machine without Node and without Java.
//   --release     refuse a runtime that is not the one the project is made for
//   --no-archive  the folder only
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { downloadElectron, findElectron, targetElectronVersion } from './lib/electron-runtime.mjs';
import { forceBuild } from './lib/ensure-build.mjs';
import { findJdk, linkJre } from './lib/jlink.mjs';
import { fail, inProject, requireNode, root } from './lib/project.mjs';
import { provideQuestDbJar } from './lib/questdb-jar.mjs';

requireNode();
const { values: flags } = parseArgs({ options: { release: { type: 'boolean' }, 'no-archive': { type: 'boolean' } } });
if (process.platform !== 'linux') fail('packages are made on Linux only so far', 3);

const { version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
const name = `tapemend-${version}-linux-${process.arch}`;
const folder = inProject('dist', name);

const runtime = await electronRuntime();
const jdk = findJdk();
if (jdk.problem) fail(jdk.problem, 3);

try {
  say('building');
  await forceBuild();
  say('QuestDB');
  await provideQuestDbJar(inProject('.cache/package/questdb'));
  say(`Java runtime (jlink ${jdk.version})`);
  linkJre(jdk, inProject('.cache/package/jre'));
  say('application folder');
  assemble();
  if (!flags['no-archive']) {
    say('archive');
    await archive();
  }
} catch (error) {
  fail(error.message);
}
say(
  `done: ${flags['no-archive'] ? `dist/${name}` : `dist/${name}.tar.gz, ${Math.round(statSync(`${folder}.tar.gz`).size / 1e6)} MB`}`,
);

async function electronRuntime() {
  const wanted = targetElectronVersion();
  let found = findElectron();
  if (!found) {
    const problem = await downloadElectron();
    found = findElectron();
    if (!found) fail(`no Electron runtime to package: ${problem}`, 3);
  }
  if (found.version !== wanted) {
    if (flags.release) {
      fail(
        `a release needs Electron ${wanted}, but the runtime from ${found.source} is ${found.version}. Unset ELECTRON_OVERRIDE_DIST_PATH and remove .cache/electron`,
        3,
      );
    }
    say(`for development only: Electron ${found.version} from ${found.source} instead of ${wanted}`);
  }
  return found;
}

function assemble() {
  rmSync(folder, { recursive: true, force: true });
  rmSync(inProject('dist/linux-unpacked'), { recursive: true, force: true });
  const builder = inProject('node_modules/electron-builder/cli.js');
  const options = [
    '--linux',
    'dir',
    `--${process.arch}`,
    '--config',
    'build/electron-builder.json',
    '--publish',
    'never',
  ];
  const runtimeOptions = [`-c.electronDist=${runtime.folder}`, `-c.electronVersion=${runtime.version}`];
  const result = spawnSync(process.execPath, [builder, ...options, ...runtimeOptions], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`electron-builder failed:\n${result.stdout}${result.stderr}`);
  const unpacked = ['linux-unpacked', `linux-${process.arch}-unpacked`]
    .map((part) => inProject('dist', part))
    .find(existsSync);
  if (!unpacked) throw new Error('electron-builder left no folder in dist/');
  renameSync(unpacked, folder);
  for (const extra of ['builder-debug.yml', 'builder-effective-config.yaml'])
    rmSync(inProject('dist', extra), { force: true });
}

/** The same files give the same bytes: sorted, owned by nobody in particular, dated by the commit. */
async function archive() {
  const epoch = process.env.SOURCE_DATE_EPOCH ?? commitTime();
  const tar = spawn(
    'tar',
    ['--sort=name', `--mtime=@${epoch}`, '--owner=0', '--group=0', '--numeric-owner', '--format=gnu', '-cf', '-', name],
    { cwd: inProject('dist'), stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve, reject) => {
    tar.once('error', reject);
    tar.once('close', resolve);
  });
  const file = `${folder}.tar.gz`;
  await pipeline(tar.stdout, createGzip({ level: 6 }), createWriteStream(file));
  const code = await ended;
  if (code !== 0) throw new Error(`tar ended with code ${code}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  writeFileSync(inProject('dist/SHA256SUMS'), `${hash.digest('hex')}  ${basename(file)}\n`);
}

function commitTime() {
  const result = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return result.stdout?.trim() || '0';
}

function say(text) {
  process.stderr.write(`package: ${text}\n`);
}
