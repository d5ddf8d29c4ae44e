import type { JobItemState, JobProgress, JobState, Receipt, SourceTier } from '@shared/contract';
import type { JobRequest } from './job-request';
import type { Owner } from './owners';

/** What one item of a job came to. */
export interface ItemOutcome {
  index: number;
  state: JobItemState;
  barsAsked: number;
  barsDone: number;
  sources: Record<SourceTier, number>;
  lastError: string | null;
}

/** Bars of an item's range, and how many were stored when its job first looked. */
export interface ItemBefore {
  asked: number;
  alreadyPresent: number;
  /** Trades: rows of the range. */
  rows?: number;
}

/** What may be asked of the program that owns a job, by any program of the workspace. */
export type Control = { what: 'pause' | 'resume' | 'cancel' } | { what: 'prefer'; keys: readonly string[] };

/** One line of a job's journal file. */
export type JournalLine =
  | ({ type: 'started'; at: number; jobId: string; request: JobRequest } & Owner)
  /** Another owner. Counts only when it follows the claim before it, so of two at a time the first line wins. */
  | ({ type: 'claimed'; at: number; claim: number } & Owner)
  /** The owner ends and leaves the job to whoever claims it. */
  | { type: 'released'; at: number; claim: number }
  | ({ type: 'control'; at: number } & Control)
  | ({ type: 'begun'; at: number; index: number } & ItemBefore)
  | { type: 'page'; at: number; key: string; from: number; to: number; outcome: string; detail: string }
  | ({ type: 'item'; at: number } & ItemOutcome)
  | { type: 'finished'; at: number; state: JobState; receipt: Receipt; progress?: JobProgress };

/** A job as its journal file tells it so far. */
export interface JournaledJob {
  jobId: string;
  queuedAt: number;
  request: JobRequest;
  owner: Owner | null;
  /** Number of the owner's claim; the program that queued the job has 0. */
  claim: number;
  paused: boolean;
  cancelAsked: boolean;
  /** Series of the job that are on screen. */
  preferred: readonly string[];
  before: Map<number, ItemBefore>;
  items: Map<number, ItemOutcome>;
  finished: { at: number; state: JobState; receipt: Receipt; progress: JobProgress | null } | null;
  hasPages: boolean;
}

/** Takes one more line into account; null until the first line has come. Lines behind the last one do not count. */
export function foldLine(job: JournaledJob | null, line: JournalLine): JournaledJob | null {
  if (line.type === 'started') return job ?? startedJob(line);
  if (job === null || job.finished) return job;
  switch (line.type) {
    case 'claimed':
      if (line.claim === job.claim + 1) {
        job.claim = line.claim;
        job.owner = ownerOf(line);
      }
      break;
    case 'released':
      if (line.claim === job.claim) job.owner = null;
      break;
    case 'control':
      takeControl(job, line);
      break;
    case 'begun':
      // What was there when the job first looked is what its receipt counts from.
      if (!job.before.has(line.index)) job.before.set(line.index, beforeOf(line));
      break;
    case 'page':
      job.hasPages = true;
      break;
    case 'item': {
      const { type: _type, at: _at, ...outcome } = line;
      job.items.set(line.index, outcome);
      break;
    }
    case 'finished':
      job.finished = { at: line.at, state: line.state, receipt: line.receipt, progress: line.progress ?? null };
      break;
  }
  return job;
}

function beforeOf({ asked, alreadyPresent, rows }: ItemBefore): ItemBefore {
  return { asked, alreadyPresent, ...(rows === undefined ? {} : { rows }) };
}

function startedJob(line: Extract<JournalLine, { type: 'started' }>): JournaledJob {
  return {
    jobId: line.jobId,
    queuedAt: line.at,
    request: line.request,
    owner: ownerOf(line),
    claim: 0,
    paused: false,
    cancelAsked: false,
    preferred: [],
    before: new Map(),
    items: new Map(),
    finished: null,
    hasPages: false,
  };
}

function ownerOf({ pid, processStart, instance }: Owner): Owner {
  return { pid, processStart, instance: instance ?? '' };
}

function takeControl(job: JournaledJob, control: Control): void {
  if (control.what === 'prefer') job.preferred = control.keys;
  else if (control.what === 'cancel') job.cancelAsked = true;
  else job.paused = control.what === 'pause';
}

/** Lines of a journal file; one that was being written when the machine stopped is none. */
export function parseLines(text: string): JournalLine[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as JournalLine];
    } catch {
      return [];
    }
  });
}
