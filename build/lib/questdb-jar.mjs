import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from './display.mjs';

const VERSION = '9.3.4';
const SHA256 = '939bc53ab22f93dbaa6545143a6e7c536d4904c07b7f2d381e8eef10436be062';
const FILE = `questdb-${VERSION}.jar`;

/**
 * Puts QuestDB's jar into `folder` for a package: from TAPEMEND_QUESTDB_JAR or Maven, and only the very file that the
 * tests ran with.
 */
export function provideQuestDbJar(folder) {
  // The packaged core looks for this name.
  const target = join(folder, 'questdb.jar');
  if (existsSync(target) && hashOf(target) === SHA256) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const source = process.env.TAPEMEND_QUESTDB_JAR ?? fromMaven();
  if (!existsSync(source)) throw new Error(`QuestDB's jar is not at ${source}`);
  if (hashOf(source) !== SHA256)
    throw new Error(`${source} is not QuestDB ${VERSION} as Maven has it (SHA-256 differs)`);
  copyFileSync(source, target);
}

function fromMaven() {
  const mvn = findOnPath(['mvn']);
  if (!mvn) throw new Error('packaging needs Maven (mvn) or TAPEMEND_QUESTDB_JAR to get QuestDB');
  const local = join(homedir(), '.m2/repository/org/questdb/questdb', VERSION, FILE);
  if (existsSync(local)) return local;
  const folder = join(process.cwd(), '.cache/package/maven');
  const result = spawnSync(
    mvn,
    ['-B', '-q', 'dependency:copy', `-Dartifact=org.questdb:questdb:${VERSION}`, `-DoutputDirectory=${folder}`],
    { encoding: 'utf8' },
  );
  if (result.status !== 0)
    throw new Error(`Maven could not get QuestDB ${VERSION}: ${result.stdout}${result.stderr}`.trim());
  return join(folder, FILE);
}

function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
