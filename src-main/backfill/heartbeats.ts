import { rmSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** A program that has something to say in the queue gives a sign of life so often. */
const BEAT_EVERY_MS = 2_000;
/** Whoever gave none for so long, while this program was watching, is passed by. */
const SILENT_MS = 20_000;
/** Looks come several times a second; after a longer pause (this program's own, or nobody had to watch) it watches anew. */
const UNWATCHED_MS = 5_000;
/** Files of programs that were killed are swept out after this time. */
const LEFT_BEHIND_MS = 24 * 3_600_000;

interface Sign {
  /** What the file told; another one is a sign of life. */
  beat: string;
  /** When this one was seen first, and when it was looked at last, by the watcher's clock. */
  since: number;
  lookedAt: number;
}

/**
 * Signs of life of the workspace's programs: an empty file each, touched while it works. A process can live and yet do nothing
 * (stopped by a signal, hung), and its place in the queue must not block the others for ever. Only what was watched counts: no
 * program's wall clock is compared with another's, and who slept with the whole machine is not called silent.
 */
export class Heartbeats {
  readonly #signs = new Map<string, Sign>();
  #beatAt = Number.NEGATIVE_INFINITY;
  #left = false;

  /** `self` names this program; `now` is monotonic milliseconds. */
  constructor(
    private readonly folder: string,
    private readonly self: string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Gives a sign of life when one is due. Never throws: on a full disk the worst is to be passed by. */
  async beat(): Promise<void> {
    if (this.#left || this.now() - this.#beatAt < BEAT_EVERY_MS) return;
    const isFirst = this.#beatAt === Number.NEGATIVE_INFINITY;
    this.#beatAt = this.now();
    const path = join(this.folder, this.self);
    try {
      await touch(path);
      if (isFirst) await this.#sweep();
    } catch {
      this.#beatAt = Number.NEGATIVE_INFINITY;
    }
    if (this.#left) await rm(path, { force: true }).catch(() => undefined);
  }

  /** Looks at the signs of other programs; call it several times a second while it matters whether they are silent. */
  async watch(names: Iterable<string>): Promise<void> {
    const now = this.now();
    for (const name of new Set(names)) {
      if (name === this.self) continue;
      const beat = await stat(join(this.folder, name)).then(
        ({ mtimeMs }) => String(mtimeMs),
        () => 'none',
      );
      const known = this.#signs.get(name);
      if (known && known.beat === beat && now - known.lookedAt <= UNWATCHED_MS) known.lookedAt = now;
      else this.#signs.set(name, { beat, since: now, lookedAt: now });
    }
  }

  isSilent(name: string): boolean {
    const sign = this.#signs.get(name);
    return sign !== undefined && this.now() - sign.since > SILENT_MS;
  }

  leave(): void {
    this.#left = true;
    rmSync(join(this.folder, this.self), { force: true });
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await rm(path, { force: true });
    }
  }
}

async function touch(path: string): Promise<void> {
  const at = new Date();
  try {
    await utimes(path, at, at);
  } catch {
    await mkdir(join(path, '..'), { recursive: true });
    await (await open(path, 'a')).close();
  }
}
