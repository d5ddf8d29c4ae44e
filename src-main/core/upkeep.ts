import { join } from 'node:path';
import { ContentAudit } from './content-audit';
import type { Running } from './handlers';
import { Rechecks } from './rechecks';

/** Work that nobody asked for, and how often it is looked whether there is any; most looks find none. */
export interface UpkeepTask {
  everyMs: number;
  look: () => Promise<unknown>;
}

const RECHECK_LOOK_EVERY_MS = 30_000;
const AUDIT_LOOK_EVERY_MS = 60_000;

/** What a program that stays does by itself: asking again for what may have changed (unless it is switched off), and auditing. */
export function upkeepOf(
  { services, list }: Running,
  { workspace, rechecks }: { workspace: string; rechecks: boolean },
): UpkeepTask[] {
  const { backfill, coverage, exchange, store, questdb } = services;
  const series = () => list.all;
  const now = () => exchange.now();
  const audit = new ContentAudit({
    coverage,
    backfill,
    store,
    series,
    file: join(workspace, 'cache', 'content-audit.txt'),
    now,
  });
  const tasks: UpkeepTask[] = [{ everyMs: AUDIT_LOOK_EVERY_MS, look: () => audit.look() }];
  if (rechecks) {
    const isExchangeReachable = () => exchange.status().reachable;
    const again = new Rechecks({ backfill, coverage, series, isExchangeReachable, now });
    tasks.push({ everyMs: RECHECK_LOOK_EVERY_MS, look: () => again.look() });
  }
  // A database that is away is told of elsewhere.
  const isThere = () => questdb.status.state === 'running';
  return tasks.map(({ everyMs, look }) => ({ everyMs, look: async () => isThere() && look() }));
}
