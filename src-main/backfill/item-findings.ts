import type { AppError, Finding, FindingKind } from '@shared/contract';
import { countBars, type Grid, intersectRanges, normalizeRanges, type Range, subtractRanges } from '@shared/market';
import type { SourceFinding } from '../binance';
import { findingOf } from '../questdb';

/** What something noticed is about. */
export interface Subject {
  /** Period of a file; of an answer without one, the months that it lies in: found again, it is the same finding. */
  range: Range;
  file: string | null;
  /** Bars that are not stored because of it: it is mended when they are. */
  missing?: readonly Range[];
}

/** A file that was proven and read. */
export interface FileReading {
  file: string;
  period: Range;
  /** What was odd about its rows. */
  kinds: ReadonlySet<FindingKind>;
  /** Bars that were wanted of it, those that it has and those that it lacks. */
  filled: readonly Range[];
  absent: readonly Range[];
}

/** Kinds that the reading of a whole file shows or disproves. */
const SHOWN_BY_READING: ReadonlySet<FindingKind> = new Set([
  'checksum_mismatch',
  'bad_archive',
  'bad_rows',
  'conflicting_rows',
  'duplicate_rows',
  'unsorted_rows',
  'off_grid_rows',
  'inexact_decimals',
  'marked_rows',
  'lost_trades',
]);
/** More of one item are only counted. */
const MOST_STORED = 500;

/** What one item of a job notices about its series, and which earlier findings it proves to be mended. */
export class ItemFindings {
  readonly #sentences: string[] = [];
  readonly #noted: { finding: SourceFinding; subject: Subject }[] = [];
  readonly #readings: FileReading[] = [];

  constructor(
    private readonly key: string,
    private readonly jobId: string,
  ) {}

  /** Told in the receipt. */
  get sentences(): readonly string[] {
    return this.#sentences;
  }

  get isEmpty(): boolean {
    return this.#noted.length === 0 && this.#readings.length === 0;
  }

  note(finding: SourceFinding, subject: Subject): void {
    this.#sentences.push(finding.sentence);
    this.#noted.push({ finding, subject });
  }

  /** For the receipt alone: it says nothing about the data. */
  tell(sentence: string): void {
    this.#sentences.push(sentence);
  }

  read(reading: FileReading): void {
    this.#readings.push(reading);
  }

  /** The smallest range that holds every bar that findings are judged by; null when there is none. */
  judgedRange(known: readonly Finding[]): Range | null {
    const ranges = [
      ...this.#readings.flatMap(({ absent }) => absent),
      ...this.#noted.flatMap(({ subject }) => subject.missing ?? []),
      ...known.flatMap(missingOf),
    ];
    if (ranges.length === 0) return null;
    return ranges.reduce((hull, range) => ({ from: Math.min(hull.from, range.from), to: Math.max(hull.to, range.to) }));
  }

  /**
   * Findings to store, by the findings of the series known before and the bars stored now: new ones, and known ones that are
   * fixed: about a file that has been read without them since, or about bars that are there now.
   */
  outcome(known: readonly Finding[], present: readonly Range[], grid: Grid, at: number): Finding[] {
    const noted = this.#noted
      .slice(0, MOST_STORED)
      .map(({ finding, subject }) => this.#asFinding(finding, subject, at));
    const left = this.#noted.length - noted.length;
    const lacking = this.#readings.flatMap((reading) => this.#lacking(reading, present, grid, at));
    const fresh = [...noted, ...lacking].map((finding) => (isStored(finding, present) ? fixed(finding) : finding));
    if (left > 0) fresh.push(this.#moreOf(left, at));
    const again = new Set(fresh.filter(({ state }) => state === 'new').map(({ id }) => id));
    const mended = known.filter(
      (finding) =>
        finding.state !== 'fixed' && !again.has(finding.id) && (isStored(finding, present) || this.#disproves(finding)),
    );
    return [...fresh, ...mended.map(fixed)];
  }

  #asFinding({ kind, sentence }: SourceFinding, { range, file, missing }: Subject, at: number): Finding {
    const told = missing ? { missing: missing.map(({ from, to }) => [from, to]) } : {};
    const data = { file, jobId: this.jobId, ...told };
    return findingOf({ at, key: this.key, kind, range, subject: file ?? '', sentence, data });
  }

  /** What a file lacks is worth a look where another source had it. */
  #lacking({ file, period, absent }: FileReading, present: readonly Range[], grid: Grid, at: number): Finding[] {
    const had = intersectRanges(absent, present);
    if (had.length === 0) return [];
    const bars = had.reduce((sum, range) => sum + countBars(grid, range), 0);
    const sentence = `${file} lacks ${bars.toLocaleString('en')} bars that another source has; they were taken from there.`;
    const data = { file, jobId: this.jobId, lacked: had.map(({ from, to }) => [from, to]) };
    return [findingOf({ at, key: this.key, kind: 'archive_lacks_rows', range: period, subject: file, sentence, data })];
  }

  #moreOf(count: number, at: number): Finding {
    const ranges = normalizeRanges(this.#noted.map(({ subject }) => subject.range));
    const range = { from: ranges[0]!.from, to: ranges[ranges.length - 1]!.to };
    const sentence = `The job ${this.jobId} noticed ${count.toLocaleString('en')} more things like those listed of this series.`;
    return findingOf({
      at,
      key: this.key,
      kind: 'other',
      range,
      subject: this.jobId,
      sentence,
      data: { jobId: this.jobId },
    });
  }

  #disproves({ kind, data }: Finding): boolean {
    const { file, lacked } = (data ?? {}) as { file?: string | null; lacked?: [number, number][] };
    const readings = this.#readings.filter((reading) => reading.file === file);
    if (readings.length === 0) return false;
    if (kind === 'archive_lacks_rows') {
      const filled = readings.flatMap((reading) => [...reading.filled]);
      return (
        subtractRanges(
          (lacked ?? []).map(([from, to]) => ({ from, to })),
          filled,
        ).length === 0
      );
    }
    return SHOWN_BY_READING.has(kind) && readings.every(({ kinds }) => !kinds.has(kind));
  }
}

/** The kind of what makes a file useless; null for trouble that is not the file's. */
export function kindOfArchiveError(error: AppError): FindingKind | null {
  switch (error.code) {
    case 'archive.checksum_mismatch':
    case 'archive.bad_checksum_file':
      return 'checksum_mismatch';
    case 'archive.bad_zip':
      return 'bad_archive';
    case 'archive.bad_row':
      return (error.data as { kind?: FindingKind } | undefined)?.kind ?? 'bad_rows';
    default:
      return null;
  }
}

/** The whole months that a range lies in. */
export function monthsAround({ from, to }: Range): Range {
  const [first, last] = [new Date(from), new Date(to - 1)];
  return {
    from: Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), 1),
    to: Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + 1, 1),
  };
}

function missingOf({ data }: Finding): Range[] {
  const { missing = [] } = (data ?? {}) as { missing?: [number, number][] };
  return missing.map(([from, to]) => ({ from, to }));
}

function isStored(finding: Finding, present: readonly Range[]): boolean {
  const missing = missingOf(finding);
  return missing.length > 0 && subtractRanges(missing, present).length === 0;
}

function fixed(finding: Finding): Finding {
  return { ...finding, state: 'fixed' };
}
