import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Owner, Owners } from './owners';
import { writeFailure } from './workspace-failure';

/**
 * The workspace's one turn: whoever holds it runs a job. Turns are files with rising numbers, made through a link, so that only
 * one program can make a number and nobody sees one without its holder. The highest number holds; it is never removed, so a
 * program that was slow to make a lower one finds that it came too late.
 */
export class Turn {
  #held: number | null = null;

  constructor(
    private readonly folder: string,
    private readonly owners: Owners,
  ) {}

  get isHeld(): boolean {
    return this.#held !== null;
  }

  /** Takes the turn when nobody living holds it. Throws `workspace.*`. */
  async tryTake(): Promise<boolean> {
    if (this.#held !== null) return true;
    try {
      await mkdir(this.folder, { recursive: true });
      const top = Math.max(0, ...(await this.#numbers()));
      if (top > 0 && this.owners.isAlive(await this.#holder(top))) return false;
      if (!(await this.#make(top + 1, this.owners.self))) return false;
      const numbers = await this.#numbers();
      if (Math.max(...numbers) !== top + 1) {
        await rm(this.#file(top + 1), { force: true });
        return false;
      }
      this.#held = top + 1;
      await Promise.all(numbers.filter((n) => n <= top).map((n) => rm(this.#file(n), { force: true })));
      return true;
    } catch (error) {
      throw writeFailure(error, this.folder);
    }
  }

  async release(): Promise<void> {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    const draft = join(this.folder, `draft-${randomBytes(6).toString('hex')}`);
    // Nobody's: a program that cannot say so (a full disk) still gives the turn back when it ends.
    await writeFile(draft, 'null')
      .then(() => rename(draft, this.#file(held)))
      .catch(() => rm(draft, { force: true }).catch(() => undefined));
  }

  async #make(number: number, owner: Owner): Promise<boolean> {
    const draft = join(this.folder, `draft-${randomBytes(6).toString('hex')}`);
    await writeFile(draft, JSON.stringify(owner));
    try {
      await link(draft, this.#file(number));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #numbers(): Promise<number[]> {
    return (await readdir(this.folder)).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  }

  /** Null for a turn that was given back, or whose file a crash of the machine emptied. */
  async #holder(number: number): Promise<Owner | null> {
    try {
      return JSON.parse(await readFile(this.#file(number), 'utf8')) as Owner | null;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      // Removed meanwhile: a higher number holds now.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return this.owners.self;
      throw error;
    }
  }

  #file(number: number): string {
    return join(this.folder, String(number));
  }
}
