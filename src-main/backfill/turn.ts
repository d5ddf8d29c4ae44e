import { randomBytes } from 'node:crypto';
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFailure } from '../files';
import type { Owner, Owners } from './owners';

/**
 * The workspace's one turn: whoever holds it runs a job. Turns are files with rising numbers, made through a link, so that only
 * one program can make a number and nobody sees one without its holder. The highest number holds; it is never removed, so a
 * program that was slow to make a lower one finds that it came too late. A holder that is dead, or silent (`Owners.isAtWork`), is
 * passed by.
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

  /** Takes the turn when nobody at work holds it. Throws `workspace.*`. */
  async tryTake(): Promise<boolean> {
    if (this.#held !== null) return true;
    try {
      await mkdir(this.folder, { recursive: true });
      const top = Math.max(0, ...(await this.#numbers()));
      if (top > 0 && (await this.#isHeldAt(top))) return false;
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

  /**
   * Whether another program took the turn of this one, which was silent for too long; it is not held any more then. Both may have
   * written meanwhile, which is harmless: rows are deduplicated, and the ledger holds both answers.
   */
  async wasPassedBy(): Promise<boolean> {
    if (this.#held === null) return false;
    try {
      if (Math.max(0, ...(await this.#numbers())) <= this.#held) return false;
    } catch (error) {
      throw writeFailure(error, this.folder);
    }
    this.#held = null;
    return true;
  }

  /** Whoever holds the turn now; null when nobody does. */
  async holder(): Promise<Owner | null> {
    const top = Math.max(0, ...(await this.#numbers().catch(() => [])));
    return (top === 0 ? null : await this.#holder(top)) ?? null;
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

  async #isHeldAt(number: number): Promise<boolean> {
    const holder = await this.#holder(number);
    if (holder === undefined) return true;
    // This program's own, which a full disk kept it from giving back.
    if (this.owners.isSelf(holder)) return false;
    await this.owners.watch([holder]);
    return this.owners.isAtWork(holder);
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

  /**
   * Null for a turn that was given back, or whose file a crash of the machine emptied; undefined for one that was removed
   * meanwhile, when a higher number holds.
   */
  async #holder(number: number): Promise<Owner | null | undefined> {
    try {
      return JSON.parse(await readFile(this.#file(number), 'utf8')) as Owner | null;
    } catch (error) {
      if (error instanceof SyntaxError) return null;
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #file(number: number): string {
    return join(this.folder, String(number));
  }
}
