import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from './display.mjs';

/** What QuestDB needs of the JDK, measured; it then runs through the class path. */
const MODULES = ['java.base', 'java.logging', 'java.management', 'java.naming', 'jdk.management', 'jdk.unsupported'];

/** A JDK that can make a runtime image, or the reason why there is none. */
export function findJdk(env = process.env) {
  const candidates = [env.JAVA_HOME && join(env.JAVA_HOME, 'bin/jlink'), findOnPath(['jlink'], env)].filter(Boolean);
  const jlink = candidates.find((file) => existsSync(file));
  if (!jlink) return { problem: 'no jlink found: a JDK 17 or newer is needed (JAVA_HOME or PATH)' };
  const result = spawnSync(jlink, ['--version'], { encoding: 'utf8' });
  const version = Number.parseInt(result.stdout ?? '', 10);
  if (!(version >= 17)) return { problem: `${jlink} is of Java ${version || 'unknown'}; 17 or newer is needed` };
  return { jlink, version };
}

/** Makes a small Java runtime in `folder`, kept when it is already there from the same JDK. */
export function linkJre({ jlink, version }, folder) {
  if (isLinkedBy(version, folder)) return;
  rmSync(folder, { recursive: true, force: true });
  // `--strip-debug` also needs objcopy, which a bare machine lacks; the Java part of it does not.
  const options = ['--strip-java-debug-attributes', '--no-header-files', '--no-man-pages'];
  const compress = version >= 21 ? '--compress=zip-6' : '--compress=2';
  const result = spawnSync(jlink, ['--add-modules', MODULES.join(','), ...options, compress, '--output', folder], {
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`jlink failed: ${result.stdout}${result.stderr}`.trim());
}

function isLinkedBy(version, folder) {
  const release = join(folder, 'release');
  if (!existsSync(release)) return false;
  const text = readFileSync(release, 'utf8');
  return text.includes(`JAVA_VERSION="${version}.`) && MODULES.every((name) => text.includes(name));
}
