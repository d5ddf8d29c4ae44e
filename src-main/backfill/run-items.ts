/** The items of a job, by the series that each is of. */
export interface ItemsToRun {
  keys: readonly string[];
  /** Items under way at a time. */
  atOnce: number;
  /** Waiting items of these series go before others; it may change while the items run. */
  isPreferred: (key: string) => boolean;
  /** No further item begins; those under way end by themselves. */
  isHalted: () => boolean;
  /** `order`: how many have begun before. Must not throw. */
  run: (index: number, order: number) => Promise<void>;
}

/** Runs every item once, never two of one series at a time. Resolves when all have ended, or those that had begun before the halt. */
export async function runItems({ keys, atOnce, isPreferred, isHalted, run }: ItemsToRun): Promise<void> {
  const waiting = keys.map((_, index) => index);
  const active = new Set<string>();
  let started = 0;
  let freed = deferred();
  const take = (): number | null => {
    const isFree = (index: number): boolean => !active.has(keys[index]!);
    let at = waiting.findIndex((index) => isPreferred(keys[index]!) && isFree(index));
    if (at < 0) at = waiting.findIndex(isFree);
    return at < 0 ? null : waiting.splice(at, 1)[0]!;
  };
  const lane = async (): Promise<void> => {
    while (waiting.length > 0 && !isHalted()) {
      const index = take();
      if (index === null) {
        // All that is left belongs to series under way.
        await freed.promise;
        continue;
      }
      const key = keys[index]!;
      active.add(key);
      await run(index, started++);
      active.delete(key);
      freed.resolve();
      freed = deferred();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, keys.length) }, lane));
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
