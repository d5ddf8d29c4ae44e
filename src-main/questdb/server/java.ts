import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppError } from '@shared/contract';

export interface Java {
  path: string;
  /** Major version, 17 or newer. */
  major: number;
}

export interface JavaSources {
  /** Named by the user: used, or an error. */
  setting?: string | undefined;
  bundled?: string | undefined;
  env?: NodeJS.ProcessEnv;
}

export const OLDEST_JAVA = 17;
const EXECUTABLE = process.platform === 'win32' ? 'java.exe' : 'java';

/** The first Java of setting, package, JAVA_HOME and PATH that is new enough. Throws `runtime.java_missing` or `…_too_old`. */
export async function findJava(sources: JavaSources): Promise<Java> {
  const env = sources.env ?? process.env;
  if (sources.setting) {
    const major = await javaMajor(sources.setting);
    if (major === null)
      throw new AppError(
        'runtime.java_missing',
        `${sources.setting} is no Java that runs. Name the java program of a Java ${OLDEST_JAVA} or newer.`,
      );
    if (major < OLDEST_JAVA) throw tooOld([[sources.setting, major]]);
    return { path: sources.setting, major };
  }
  const candidates = [
    sources.bundled,
    env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', EXECUTABLE) : undefined,
    ...(env.PATH ?? '').split(delimiter).map((folder) => folder && join(folder, EXECUTABLE)),
  ];
  const old: [string, number][] = [];
  for (const path of new Set(candidates)) {
    if (!path || !existsSync(path)) continue;
    const major = await javaMajor(path);
    if (major !== null && major >= OLDEST_JAVA) return { path, major };
    if (major !== null) old.push([path, major]);
  }
  if (old.length > 0) throw tooOld(old);
  throw new AppError(
    'runtime.java_missing',
    `QuestDB needs Java ${OLDEST_JAVA} or newer and there is none (looked at JAVA_HOME and PATH). Install one, for instance Temurin ${OLDEST_JAVA}, then start again.`,
  );
}

function tooOld(found: readonly [string, number][]): AppError {
  const list = found.map(([path, major]) => `${path} is Java ${major}`).join(', ');
  return new AppError(
    'runtime.java_too_old',
    `QuestDB needs Java ${OLDEST_JAVA} or newer: ${list}. Install a newer one and put it first in PATH or into JAVA_HOME.`,
  );
}

/** Null for something that is no Java. */
function javaMajor(path: string): Promise<number | null> {
  return new Promise((resolve) => {
    execFile(path, ['-version'], { timeout: 20_000, windowsHide: true }, (error, stdout, stderr) => {
      resolve(error ? null : parseJavaMajor(`${stderr}\n${stdout}`));
    });
  });
}

/** Major version out of what `java -version` prints: `openjdk version "17.0.15"`, of old `"1.8.0_402"`. */
export function parseJavaMajor(text: string): number | null {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match ? Number(match[1]) : null;
}

/** How to start QuestDB with it. The class path, not the module path: a small jlinked runtime lacks modules it would ask for. */
export function serverArguments(java: Java, jar: string, root: string): string[] {
  const quiet = java.major >= 24 ? ['--sun-misc-unsafe-memory-access=allow', '--enable-native-access=ALL-UNNAMED'] : [];
  const own = `-Djava.io.tmpdir=${scratchFolder(root)}`;
  return ['-Xms64m', '-Xmx512m', '-XX:+UseParallelGC', own, ...quiet, '-cp', jar, 'io.questdb.ServerMain', '-d', root];
}

/** QuestDB unpacks its native library anew at each start, and leaves it behind when it is killed. */
export function scratchFolder(root: string): string {
  return join(root, 'scratch');
}
