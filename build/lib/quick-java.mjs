import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findOnPath } from './display.mjs';

/** Compiles once and quickly: no test runs long enough for more to pay. */
const QUICKLY = '-XX:TieredStopAtLevel=1';
const PATIENCE_MS = 60_000;

/**
 * Environment in which QuestDB starts with less than half of the processor's time (measured: 5.5 s, then 2.5 s). Tests start it some
 * hundred times, each for seconds. The classes come from an archive that Java makes of one start; without one it only compiles quickly.
 */
export async function quickJava(folder, env = process.env) {
  if (env.JAVA_TOOL_OPTIONS) return {};
  const archive = await classArchive(folder, env).catch(() => null);
  // An archive of another Java or jar is passed over in silence.
  const shared = archive ? ` '-XX:SharedArchiveFile=${archive}' -Xshare:auto -Xlog:disable -Xlog:all=error:stderr` : '';
  return { JAVA_TOOL_OPTIONS: `${QUICKLY}${shared}` };
}

async function classArchive(folder, env) {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin/java') : findOnPath(['java'], env);
  const jar = env.TAPEMEND_QUESTDB_JAR ?? join(homedir(), '.m2/repository/org/questdb/questdb/9.3.4/questdb-9.3.4.jar');
  if (!java || !existsSync(jar)) return null;
  const { stderr } = spawnSync(java, ['-version'], { encoding: 'utf8' });
  const of = createHash('sha256')
    .update(`${java} ${stderr} ${jar} ${statSync(jar).mtimeMs}`)
    .digest('hex');
  const archive = join(folder, `questdb-${of.slice(0, 16)}.jsa`);
  if (!existsSync(archive)) await makeArchive(java, jar, archive);
  return existsSync(archive) ? archive : null;
}

/** Starts a QuestDB of its own and ends it again; Java writes down the classes that it used. */
async function makeArchive(java, jar, archive) {
  const root = mkdtempSync(join(tmpdir(), 'tapemend-classes-'));
  const port = await freePort();
  mkdirSync(join(root, 'conf'));
  const settings = [
    `http.net.bind.to=127.0.0.1:${port}`,
    'http.min.enabled=false',
    'pg.enabled=false',
    'line.tcp.enabled=false',
    'telemetry.enabled=false',
  ];
  writeFileSync(join(root, 'conf/server.conf'), settings.join('\n'));
  const made = join(root, 'classes.jsa');
  const options = [QUICKLY, `-XX:ArchiveClassesAtExit=${made}`, '-Xms64m', '-Xmx512m', '-XX:+UseParallelGC'];
  const server = spawn(java, [...options, '-cp', jar, 'io.questdb.ServerMain', '-d', root], { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('close', resolve));
  try {
    const until = Date.now() + PATIENCE_MS;
    while (Date.now() < until && server.exitCode === null && !(await answers(port))) await pause(100);
    server.kill('SIGTERM');
    await Promise.race([ended, pause(PATIENCE_MS, undefined, { ref: false })]);
    if (!existsSync(made)) return;
    mkdirSync(join(archive, '..'), { recursive: true });
    renameSync(made, archive);
  } finally {
    server.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  }
}

async function answers(port) {
  const url = `http://127.0.0.1:${port}/exec?query=${encodeURIComponent('SELECT count() FROM long_sequence(10)')}`;
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
