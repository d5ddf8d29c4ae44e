import { createHash } from 'node:crypto';
import { intersectRanges, normalizeRanges, type Range, subtractRanges, unionRanges } from '@shared/market';
import { type BatchEntry, batchEntries, type LedgerEntry } from '../questdb';

/** What one job did to one series between two reverts of it. */
export interface Batch {
  jobId: string;
  generation: number;
}

/** What undoing a batch does to the rows of its series. */
export interface RevertPlan {
  batch: Batch;
  /** Rows to remove: those that the batch wrote and nobody wrote since. */
  remove: Range[];
  /** Which batch has kept the rows that stood there before, for the ranges of `remove` where one may have. */
  restore: { batch: Batch; ranges: Range[] }[];
  /** Ranges of `remove` where rows stood that nobody has kept: the batch wrote there twice, with another in between. */
  lost: Range[];
}

/** Name under which a batch keeps the rows that it writes over. */
export function undoBatchId(key: string, { jobId, generation }: Batch): string {
  return createHash('sha256')
    .update(JSON.stringify([key, jobId, generation]), 'utf8')
    .digest('hex')
    .slice(0, 32);
}

/** The batch that a job writes to next, by the ledger of one series. */
export function currentBatch(entries: readonly LedgerEntry[], jobId: string): Batch {
  const reverts = entries.filter((entry) => entry.outcome === 'reverted' && entry.jobId === jobId);
  return { jobId, generation: reverts.length };
}

/**
 * How to undo what a job wrote, by the ledger of one series; null when nothing of it stands.
 *
 * The rows of a bar lie over each other like sheets: each batch that writes over another's row keeps that row. Taking a
 * sheet out of the middle changes nothing that can be seen. Taking the top one lets the next be seen, and its row is with
 * the batch that was laid upon it last (which may have been taken out since).
 */
export function planRevert(entries: readonly LedgerEntry[], jobId: string): RevertPlan | null {
  const items = batchEntries(entries);
  const batch = currentBatch(entries, jobId);
  const isOwn = ({ entry, generation }: BatchEntry) => entry.jobId === jobId && generation === batch.generation;
  const answers = items.filter(({ entry }) => entry.outcome === 'answered' || entry.outcome === 'failed');
  if (!answers.some(isOwn)) return null;
  const written = writtenBy(answers.filter(isOwn));
  const others = answers.filter((item) => !isOwn(item));
  const contested = intersectRanges(written, writtenBy(others));
  const alone = subtractRanges(written, contested);

  const remove = [...alone];
  const lost: Range[] = [];
  const restore = new Map<string, { batch: Batch; ranges: Range[] }>();
  const restoreFrom = (keeper: Batch, ranges: readonly Range[]) => {
    const name = batchName(keeper);
    const known = restore.get(name) ?? { batch: keeper, ranges: [] };
    known.ranges.push(...ranges);
    restore.set(name, known);
  };
  if (alone.length > 0) restoreFrom(batch, alone);
  for (const segment of segmentsOf(contested, answers)) {
    const below = sheetBelow(items, segment, batch);
    if (below === 'covered') continue;
    remove.push(segment);
    if (below === 'lost') lost.push(segment);
    else restoreFrom(below, [segment]);
  }
  return {
    batch,
    remove: normalizeRanges(remove),
    restore: [...restore.values()].map((each) => ({ batch: each.batch, ranges: normalizeRanges(each.ranges) })),
    lost: normalizeRanges(lost),
  };
}

/** Batches whose kept rows no later revert can need: they are reverted, and nothing that stands was written over theirs. */
export function expendableBatches(entries: readonly LedgerEntry[]): Batch[] {
  const items = batchEntries(entries).filter(({ entry }) => entry.outcome === 'answered' && entry.written);
  const batches = new Map<string, { batch: Batch; first: number; written: Range[] }>();
  items.forEach(({ entry, generation, reverted }, index) => {
    if (!reverted) return;
    const batch = { jobId: entry.jobId, generation };
    const known = batches.get(batchName(batch)) ?? { batch, first: index, written: [] };
    known.written = unionRanges(known.written, entry.written ?? []);
    batches.set(batchName(batch), known);
  });
  return [...batches.values()]
    .filter(({ first, written }) =>
      items
        .slice(first + 1)
        .every(({ entry, reverted }) => reverted || intersectRanges(written, entry.written ?? []).length === 0),
    )
    .map(({ batch }) => batch);
}

function writtenBy(items: readonly BatchEntry[]): Range[] {
  return normalizeRanges(items.flatMap(({ entry }) => [...(entry.written ?? [])]));
}

function batchName({ jobId, generation }: Batch): string {
  return `${generation} ${jobId}`;
}

/** The ranges cut at every beginning and end of something written. */
function segmentsOf(ranges: readonly Range[], items: readonly BatchEntry[]): Range[] {
  const cuts = new Set<number>();
  for (const { entry } of items)
    for (const { from, to } of entry.written ?? []) {
      cuts.add(from);
      cuts.add(to);
    }
  const sorted = [...cuts].sort((a, b) => a - b);
  return ranges.flatMap((range) => {
    const inner = sorted.filter((cut) => cut > range.from && cut < range.to);
    const edges = [range.from, ...inner, range.to];
    return edges.slice(1).map((to, index) => ({ from: edges[index]!, to }));
  });
}

interface Sheet {
  name: string | null;
  /** Who keeps the sheet's row since it was written over; `lost` when it could not be kept. */
  keptBy: Batch | 'lost' | null;
}

/**
 * Who keeps the row that is to be seen in a segment once the batch is taken out; `covered` when another's row lies over it. The
 * segment is inside or outside of each written range as a whole.
 */
function sheetBelow(items: readonly BatchEntry[], segment: Range, batch: Batch): Batch | 'covered' | 'lost' {
  const own = batchName(batch);
  let sheets: Sheet[] = [{ name: null, keptBy: null }];
  for (const { entry, generation } of items) {
    const writer = { jobId: entry.jobId, generation };
    const name = batchName(writer);
    if (entry.outcome === 'reverted') {
      sheets = sheets.filter((sheet) => sheet.name !== name);
      continue;
    }
    if (!entry.written?.some((range) => range.from <= segment.from && segment.to <= range.to)) continue;
    const top = sheets[sheets.length - 1]!;
    if (top.name === name) continue;
    // A batch keeps what it first wrote over, and nothing later of the same bars.
    top.keptBy = sheets.some((sheet) => sheet.name === name) ? 'lost' : writer;
    sheets.push({ name, keptBy: null });
  }
  if (sheets[sheets.length - 1]!.name !== own) return 'covered';
  const rest = sheets.filter((sheet) => sheet.name !== own);
  return rest[rest.length - 1]!.keptBy ?? 'lost';
}
