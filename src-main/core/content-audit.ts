import { readFile } from 'node:fs/promises';
import type { Finding } from '@shared/contract';
import { barWord, DAY_MS, formatTime, hullOf, type StoredSeries, seriesKey } from '@shared/market';
import type { BackfillService } from '../backfill';
import type { ContentDifference, CoverageService } from '../coverage';
import { replaceFile } from '../files';
import { findingOf, type QuestDbStore } from '../questdb';

export interface ContentAuditOptions {
  coverage: Pick<CoverageService, 'audit'>;
  backfill: Pick<BackfillService, 'running'>;
  store: Pick<QuestDbStore, 'findingsAppend'>;
  /** The series that the workspace follows. */
  series: () => readonly StoredSeries[];
  /** Remembers over restarts when the last audit ended. */
  file: string;
  /** Exchange time in milliseconds. */
  now: () => number;
}

/** How long an audit is good for. */
const AUDIT_EVERY_MS = DAY_MS;
/** Tables that are read at the same time: the server has two threads for queries, and answers are waited for in between. */
const AT_ONCE = 4;

/**
 * Holds the remembered content of every table against the table itself, once a day while no job runs. A difference means that rows went
 * or came in a way that the table's version does not tell (a restored backup, files taken away), and becomes a finding.
 */
export class ContentAudit {
  /** Series of the audit under way that are still to be looked at; null when none is. */
  #waiting: StoredSeries[] | null = null;
  #endedAt: number | null = null;

  constructor(private readonly options: ContentAuditOptions) {}

  /** Audits when it is time, or goes on where a job has interrupted it. Resolves with the number of findings. */
  async look(): Promise<number> {
    const { backfill, series, now, file } = this.options;
    if (backfill.running > 0) return 0;
    this.#endedAt ??= await readTime(file);
    if (this.#waiting === null) {
      if (now() - this.#endedAt < AUDIT_EVERY_MS) return 0;
      this.#waiting = [...series()];
    }
    const findings = await this.#audit(this.#waiting);
    if (this.#waiting.length > 0) return findings;
    this.#waiting = null;
    this.#endedAt = now();
    // Without the file the next start audits once more.
    await replaceFile(file, String(this.#endedAt)).catch(() => undefined);
    return findings;
  }

  async #audit(waiting: StoredSeries[]): Promise<number> {
    const { coverage, backfill, store, now } = this.options;
    const found: Finding[] = [];
    const lane = async (): Promise<void> => {
      while (backfill.running === 0) {
        const series = waiting.pop();
        if (!series) return;
        const difference = await coverage.audit(series).catch((error: unknown) => {
          waiting.push(series);
          throw error;
        });
        if (difference) found.push(differenceFinding(series, difference, Math.floor(now())));
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
    // What was corrected is told in any case: the next audit will not find it again.
    await store.findingsAppend(found);
    const failed = lanes.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
    return found.length;
  }
}

function differenceFinding(series: StoredSeries, difference: ContentDifference, at: number): Finding {
  const { vanished, appeared, vanishedBars, appearedBars } = difference;
  const range = hullOf([...vanished, ...appeared]);
  const bars = (count: number) => `${count.toLocaleString('en')} ${barWord(series)}${count === 1 ? '' : 's'}`;
  const told = [
    vanishedBars > 0 ? `${bars(vanishedBars)} that it lacks` : '',
    appearedBars > 0 ? `no word of ${bars(appearedBars)} that it holds` : '',
  ].filter(Boolean);
  return findingOf({
    at,
    key: seriesKey(series),
    kind: 'content_difference',
    range,
    sentence:
      `Between ${formatTime(range.from)} and ${formatTime(range.to)} UTC the table was remembered with ${told.join(' and ')}, although nobody has written to it since. ` +
      'Coverage now shows what it holds; look whether files of the database were restored or removed, and fetch what is missing.',
    data: { vanishedBars, appearedBars },
    subject: 'content',
  });
}

/** The beginning of time when it is not known. */
async function readTime(file: string): Promise<number> {
  const time = Number(await readFile(file, 'utf8').catch(() => ''));
  return Number.isFinite(time) ? time : 0;
}
