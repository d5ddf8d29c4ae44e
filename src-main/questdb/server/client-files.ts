import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess, processStart } from '../../processes';

/**
 * One small file per Tapemend that uses the workspace's server, named by its process and holding when that began. The last one
 * that leaves stops the server; the watchdog stops it when all of these processes are gone without leaving.
 */
export class ClientFiles {
  readonly folder: string;
  readonly #name = `${process.pid}-${randomBytes(4).toString('hex')}`;

  constructor(folder: string) {
    this.folder = folder;
  }

  register(): void {
    mkdirSync(this.folder, { recursive: true });
    const draft = join(this.folder, '..', `.client-${this.#name}`);
    writeFileSync(draft, `${processStart(process.pid) ?? ''}\n`);
    renameSync(draft, join(this.folder, this.#name));
  }

  unregister(): void {
    rmSync(join(this.folder, this.#name), { force: true });
  }

  /** Whether another living Tapemend is registered; files of dead ones are cleared away. */
  othersAlive(): boolean {
    let alive = false;
    for (const name of this.#list()) {
      if (name === this.#name) continue;
      const pid = Number(name.split('-')[0]);
      if (isSameProcess(pid, this.#startOf(name))) alive = true;
      else rmSync(join(this.folder, name), { force: true });
    }
    return alive;
  }

  #list(): string[] {
    try {
      return readdirSync(this.folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  }

  #startOf(name: string): string {
    try {
      return readFileSync(join(this.folder, name), 'utf8').trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }
}
