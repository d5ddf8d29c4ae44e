import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@shared/contract';
import { downloadReleaseJar, RELEASE_API } from './jar-release';

export const QUESTDB_VERSION = '9.3.4';
/** Of the Maven artifact; the jar inside QuestDB's own bundles is built apart and differs. */
export const MAVEN_SHA256 = '939bc53ab22f93dbaa6545143a6e7c536d4904c07b7f2d381e8eef10436be062';

const FILE = `questdb-${QUESTDB_VERSION}.jar`;
const MAVEN_PATIENCE_MS = 5 * 60_000;

export interface JarSources {
  /** Named by the user: used as it is, or an error. */
  setting?: string | undefined;
  /** Inside the packaged app. */
  bundled?: string | undefined;
  /** Folder where a jar that had to be fetched is kept. */
  cache: string;
  env?: NodeJS.ProcessEnv;
  /** Address of QuestDB's release on GitHub's API. */
  releaseApi?: string;
  onProgress?: (sentence: string) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Path of the QuestDB jar: setting, package, cache, local Maven repository, Maven client, GitHub release, whichever is first.
 * What comes from Maven is checked by SHA-256, what comes from GitHub by the digest that its API states and the version that
 * the jar states. Throws `runtime.jar_missing`, with what was tried, when there is no way.
 */
export async function findJar(sources: JarSources): Promise<string> {
  const env = sources.env ?? process.env;
  if (sources.setting) {
    if (existsSync(sources.setting)) return sources.setting;
    throw new AppError('runtime.jar_missing', `questdb.jar names ${sources.setting}, and there is no such file.`);
  }
  if (sources.bundled && existsSync(sources.bundled)) return sources.bundled;
  mkdirSync(sources.cache, { recursive: true });
  const cached = join(sources.cache, FILE);
  if (await isUsable(cached)) return cached;
  const inRepository = join(repositoryFolder(env), 'org', 'questdb', 'questdb', QUESTDB_VERSION, FILE);
  if (await isGenuine(inRepository)) return inRepository;

  const tried: string[] = [];
  for (const [name, fetchInto] of [
    ['Maven', fetchWithMaven],
    ['GitHub', fetchFromRelease],
  ] as const) {
    sources.signal?.throwIfAborted();
    const draft = join(sources.cache, `.fetch-${process.pid}-${name}`);
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    try {
      renameSync(await fetchInto(draft, sources, env), cached);
      return cached;
    } catch (error) {
      sources.signal?.throwIfAborted();
      tried.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  throw new AppError(
    'runtime.jar_missing',
    `QuestDB ${QUESTDB_VERSION} is not on this machine and could not be fetched (${tried.join('; ')}). Connect to the internet and start again, or put ${FILE} somewhere and name it in questdb.jar (TAPEMEND_QUESTDB_JAR).`,
    { tried },
  );
}

function repositoryFolder(env: NodeJS.ProcessEnv): string {
  const option = /-Dmaven\.repo\.local=(\S+)/.exec(env.MAVEN_OPTS ?? '')?.[1];
  return option ?? join(env.HOME ?? homedir(), '.m2', 'repository');
}

/** The cache holds what was checked on its way in; a look at the size tells a file cut by a full disk from a whole one. */
async function isUsable(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  const digest = await sha256(path);
  if (digest === MAVEN_SHA256) return true;
  const { jarVersion } = await import('./jar-release');
  return (await jarVersion(path).catch(() => null)) === QUESTDB_VERSION;
}

async function isGenuine(path: string): Promise<boolean> {
  return existsSync(path) && (await sha256(path)) === MAVEN_SHA256;
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function fetchWithMaven(folder: string, sources: JarSources, env: NodeJS.ProcessEnv): Promise<string> {
  sources.onProgress?.(`Getting QuestDB ${QUESTDB_VERSION} through Maven`);
  const client = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';
  await new Promise<void>((resolve, reject) => {
    const args = [
      '--batch-mode',
      '--quiet',
      'dependency:copy',
      `-Dartifact=org.questdb:questdb:${QUESTDB_VERSION}`,
      `-DoutputDirectory=${folder}`,
    ];
    execFile(
      client,
      args,
      {
        cwd: folder,
        env,
        timeout: MAVEN_PATIENCE_MS,
        windowsHide: true,
        shell: process.platform === 'win32',
        ...(sources.signal ? { signal: sources.signal } : {}),
      },
      (error, stdout) => {
        if (!error) return resolve();
        if ((error as NodeJS.ErrnoException).code === 'ENOENT')
          return reject(new Error('the mvn program is not installed'));
        const reason = /\[ERROR\] (.*)/.exec(stdout)?.[1] ?? (error.killed ? 'it took too long' : error.message);
        reject(new Error(reason.slice(0, 200)));
      },
    );
  });
  const jar = join(folder, FILE);
  if (!(await isGenuine(jar))) throw new Error('the file does not have the known SHA-256');
  return jar;
}

async function fetchFromRelease(folder: string, sources: JarSources): Promise<string> {
  return downloadReleaseJar({
    api: sources.releaseApi ?? RELEASE_API,
    version: QUESTDB_VERSION,
    folder,
    onProgress: sources.onProgress,
    signal: sources.signal,
  });
}
