import type { Finding } from '@shared/contract';
import { formatTime, normalizeRanges, type Range, subtractRanges, unionRanges } from '@shared/market';
import { findingOf, type LedgerEntry, type QuestDbStore, standingEntries } from '../questdb';
import { groupBy } from './group-by';
import { provenanceOf } from './provenance-of';

/** An archive file, in one of its versions, that stored rows or known absences of a series rest on. */
export interface UsedFile {
  key: string;
  source: 'archiveMonthly' | 'archiveDaily';
  file: string;
  sha256: string;
  etag: string | null;
  /** What rests on it: bars whose rows come from it, and bars that it lacks. */
  ranges: Range[];
}

/** What the archive says about a file now. Null: it does not have it. */
export interface ArchiveLook {
  head(file: UsedFile): Promise<{ etag: string } | null>;
  /** The hash that the file's CHECKSUM states, in hex. */
  checksum(file: UsedFile): Promise<string | null>;
}

export interface WatchReport {
  /** Files that were asked about. */
  checked: number;
  /** Those that have changed. */
  stale: Finding[];
  /** Those about which nothing could be learned, and why. */
  failed: { file: string; error: unknown }[];
}

const FOREVER: Range = { from: -8.64e15, to: 8.64e15 };
const AT_ONCE = 4;

/** Files that the ledger's answers rest on. Those whose rows have all been replaced or reverted are not among them. */
export function usedFiles(entries: readonly LedgerEntry[]): UsedFile[] {
  const files = new Map<string, UsedFile>();
  for (const [key, own] of groupByKey(entries)) {
    const add = (
      use: { source: string; file: string | null; sha256: string | null; etag: string | null },
      range: Range,
    ) => {
      if (use.file === null || use.sha256 === null) return;
      if (use.source !== 'archiveMonthly' && use.source !== 'archiveDaily') return;
      const name = `${key} ${use.file} ${use.sha256}`;
      const known = files.get(name);
      if (known) {
        known.ranges.push(range);
        // The same bytes may be served under a new tag: the newest is compared first.
        known.etag = use.etag ?? known.etag;
      } else
        files.set(name, {
          key,
          source: use.source,
          file: use.file,
          sha256: use.sha256,
          etag: use.etag,
          ranges: [range],
        });
    };
    const stored = provenanceOf(own, FOREVER).sort((a, b) => a.at - b.at);
    for (const span of stored) add(span, span);
    for (const { source, file = null, sha256 = null, etag = null, absent } of latestAbsences(own))
      for (const range of subtractRanges(absent, stored)) add({ source, file, sha256, etag }, range);
  }
  return [...files.values()].map((file) => ({ ...file, ranges: normalizeRanges(file.ranges) }));
}

/**
 * Looks whether files that were used have been replaced at their source. A new tag alone says nothing (files are moved and
 * re-uploaded as they are); a new hash in the CHECKSUM does, and becomes a finding with the range and both hashes.
 */
export class ArchiveWatch {
  constructor(
    private readonly options: {
      store: Pick<QuestDbStore, 'findingsAppend' | 'ledgerRead'>;
      archive: ArchiveLook;
      /** Exchange time in milliseconds. */
      now: () => number;
    },
  ) {}

  /** Looks at the files of these series (of all, when left out); findings are stored when it resolves. */
  async check(keys?: readonly string[], signal?: AbortSignal): Promise<WatchReport> {
    const { store } = this.options;
    const waiting = [...groupByFile(usedFiles(await store.ledgerRead(keys))).values()];
    const report: WatchReport = { checked: 0, stale: [], failed: [] };
    const work = async () => {
      for (let versions = waiting.shift(); versions; versions = waiting.shift()) {
        signal?.throwIfAborted();
        report.checked++;
        try {
          report.stale.push(...(await this.#look(versions)));
        } catch (error) {
          signal?.throwIfAborted();
          report.failed.push({ file: versions[0]!.file, error });
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await store.findingsAppend(report.stale);
    return report;
  }

  /** All versions of one file that rows rest on. */
  async #look(versions: readonly UsedFile[]): Promise<Finding[]> {
    const { archive, now } = this.options;
    const head = await archive.head(versions[0]!);
    if (!head) return [];
    const suspects = versions.filter((version) => version.etag !== head.etag);
    if (suspects.length === 0) return [];
    const fresh = await archive.checksum(versions[0]!);
    if (fresh === null) return [];
    const at = Math.floor(now());
    return suspects
      .filter(({ sha256 }) => sha256.toLowerCase() !== fresh.toLowerCase())
      .map((old) => staleFinding(old, fresh, at));
  }
}

function staleFinding({ key, file, sha256, etag, ranges }: UsedFile, fresh: string, at: number): Finding {
  const range = { from: ranges[0]!.from, to: ranges[ranges.length - 1]!.to };
  return findingOf({
    at,
    key,
    kind: 'stale_archive',
    range,
    subject: `${file} ${sha256} ${fresh}`,
    sentence:
      `The archive ${file} has been replaced at its source since rows of ${formatTime(range.from)} to ${formatTime(range.to)} UTC were taken from it ` +
      `(SHA-256 ${sha256.slice(0, 16)}… then, ${fresh.slice(0, 16)}… now). Take the file anew to see which rows differ.`,
    data: { file, sha256, freshSha256: fresh, etag, ranges: ranges.map(({ from, to }) => [from, to]) },
  });
}

/** Standing archive answers that lack bars, each with those that no later archive answer speaks about. */
function latestAbsences(entries: readonly LedgerEntry[]): LedgerEntry[] {
  let answered: Range[] = [];
  const result: LedgerEntry[] = [];
  for (const entry of standingEntries(entries).reverse()) {
    if (entry.outcome !== 'answered' || (entry.source !== 'archiveMonthly' && entry.source !== 'archiveDaily'))
      continue;
    const absent = subtractRanges(entry.absent, answered);
    if (absent.length > 0) result.push({ ...entry, absent });
    answered = unionRanges(answered, [entry.range]);
  }
  return result.reverse();
}

function groupByKey(entries: readonly LedgerEntry[]): Map<string, LedgerEntry[]> {
  return groupBy(entries, (entry) => entry.key);
}

function groupByFile(files: readonly UsedFile[]): Map<string, UsedFile[]> {
  return groupBy(files, ({ key, file }) => `${key} ${file}`);
}
