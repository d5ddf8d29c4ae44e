import { randomBytes } from 'node:crypto';
import { isSameProcess, processStart } from '../processes';
import { Heartbeats } from './heartbeats';

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

/** Tells whether owners still live and work, this program among them until it leaves. */
export class Owners {
  readonly self: Owner = {
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    instance: randomBytes(6).toString('hex'),
  };
  readonly #looks = new Map<string, { at: number; alive: boolean }>();
  readonly #heartbeats: Heartbeats;

  /** `folder` holds the signs of life of the workspace's programs; `now` is monotonic milliseconds. */
  constructor(
    folder: string,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#heartbeats = new Heartbeats(folder, this.self.instance, now);
    living.add(this.self.instance);
  }

  isSelf(owner: Owner | null): boolean {
    return owner !== null && owner.instance === this.self.instance;
  }

  isAlive(owner: Owner | null): boolean {
    if (owner === null) return false;
    if (owner.pid === this.self.pid && owner.processStart === this.self.processStart) return living.has(owner.instance);
    const key = `${owner.pid} ${owner.processStart}`;
    const now = this.now();
    const known = this.#looks.get(key);
    // The dead stay dead.
    if (known && (!known.alive || now - known.at < LOOK_TTL_MS)) return known.alive;
    const alive = isSameProcess(owner.pid, owner.processStart);
    this.#looks.set(key, { at: now, alive });
    return alive;
  }

  /** Alive, and not silent for so long that the others need not wait for it; as of the last `watch`. */
  isAtWork(owner: Owner | null): boolean {
    return owner !== null && this.isAlive(owner) && !this.#heartbeats.isSilent(owner.instance);
  }

  /** Tells the others that this program works; call it several times a second. */
  beat(): Promise<void> {
    return this.#heartbeats.beat();
  }

  /** Looks for signs of life of these programs. */
  watch(owners: readonly (Owner | null)[]): Promise<void> {
    return this.#heartbeats.watch(owners.flatMap((owner) => (owner === null ? [] : [owner.instance])));
  }

  /** From now on this program counts as gone, though its process may live on. */
  leave(): void {
    living.delete(this.self.instance);
    this.#heartbeats.leave();
  }
}
