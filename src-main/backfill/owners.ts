import { randomBytes } from 'node:crypto';
import { isSameProcess, processStart } from '../processes';

/** A program that works on jobs: a process by number and beginning, and which of the process' services. */
export interface Owner {
  pid: number;
  processStart: string;
  instance: string;
}

/** How long a look at another process is good for; on some systems it costs a process of its own. */
const LOOK_TTL_MS = 1_500;

/** Services of this process that have not stopped. */
const living = new Set<string>();

/** Tells whether owners still live, this program among them until it leaves. */
export class Owners {
  readonly self: Owner = {
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    instance: randomBytes(6).toString('hex'),
  };
  readonly #looks = new Map<string, { at: number; alive: boolean }>();

  constructor() {
    living.add(this.self.instance);
  }

  isSelf(owner: Owner | null): boolean {
    return owner !== null && owner.instance === this.self.instance;
  }

  isAlive(owner: Owner | null): boolean {
    if (owner === null) return false;
    if (owner.pid === this.self.pid && owner.processStart === this.self.processStart) return living.has(owner.instance);
    const key = `${owner.pid} ${owner.processStart}`;
    const now = performance.now();
    const known = this.#looks.get(key);
    // The dead stay dead.
    if (known && (!known.alive || now - known.at < LOOK_TTL_MS)) return known.alive;
    const alive = isSameProcess(owner.pid, owner.processStart);
    this.#looks.set(key, { at: now, alive });
    return alive;
  }

  /** From now on this program counts as gone, though its process may live on. */
  leave(): void {
    living.delete(this.self.instance);
  }
}
