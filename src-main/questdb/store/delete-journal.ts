import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@shared/contract';
import { z } from 'zod';
import { isSameProcess, processStart } from '../../processes';

const SUFFIX = '.delete.json';

const schema = z.object({
  format: z.literal(1),
  pid: z.number(),
  processStart: z.string(),
  table: z.string().regex(/^\w+$/),
  /** Table that keeps the rows of the partition which stay. */
  keep: z.string().regex(/^\w+$/),
  /** The partition that is written anew, by its times. */
  from: z.number(),
  to: z.number(),
  /** Until `replacing` the table is untouched; from then on `keep` may be the only place of its rows. */
  phase: z.enum(['copying', 'replacing']),
  /** Rows in `keep`, once they are complete. */
  kept: z.number().nullable(),
});

/** What is being done to a table, and by whom: one file per table, which is also the lock on it. */
export type DeleteJournal = z.infer<typeof schema>;

/** Journals of this process that are being worked on; others of the same process were left behind by a failure. */
const active = new Set<string>();

function fileOf(folder: string, table: string): string {
  return join(folder, `${table}${SUFFIX}`);
}

/** Takes the table and writes the first journal; `questdb.busy` when another is at it. */
export async function beginJournal(
  folder: string,
  draft: Omit<DeleteJournal, 'format' | 'pid' | 'processStart'>,
): Promise<DeleteJournal> {
  const journal: DeleteJournal = {
    format: 1,
    pid: process.pid,
    processStart: processStart(process.pid) ?? '',
    ...draft,
  };
  await mkdir(folder, { recursive: true });
  const file = fileOf(folder, journal.table);
  const aside = await writeAside(file, journal);
  try {
    // A link, so that nobody ever sees a journal without its text.
    await link(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(file, error);
    throw new AppError(
      'questdb.busy',
      `Rows of the table ${journal.table} are being deleted by another Tapemend of this workspace; try again when it is done.`,
    );
  } finally {
    await rm(aside, { force: true });
  }
  active.add(file);
  await syncFolder(folder);
  return journal;
}

/** Replaces the journal; durable when it resolves. */
export async function rewriteJournal(folder: string, journal: DeleteJournal): Promise<void> {
  const file = fileOf(folder, journal.table);
  const aside = await writeAside(file, journal);
  await rename(aside, file).catch((error: unknown) => {
    throw unwritable(file, error);
  });
  await syncFolder(folder);
}

export async function endJournal(folder: string, table: string): Promise<void> {
  const file = fileOf(folder, table);
  await rm(file, { force: true });
  active.delete(file);
}

/** Leaves the journal for `orphanedJournals`, as a crash would. */
export function abandonJournal(folder: string, table: string): void {
  active.delete(fileOf(folder, table));
}

/** Journals that nobody works on any more. */
export async function orphanedJournals(folder: string): Promise<DeleteJournal[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const journals: DeleteJournal[] = [];
  for (const name of names.filter((each) => each.endsWith(SUFFIX))) {
    const file = join(folder, name);
    if (active.has(file)) continue;
    const text = await readFile(file, 'utf8').catch(() => null);
    // Gone meanwhile: its owner has finished.
    if (text === null) continue;
    const journal = parse(text);
    if (!journal)
      throw new AppError(
        'workspace.bad_delete_journal',
        `${file} cannot be read, but it tells where rows of a table are kept. Look at it before you remove it: tables named tapemend_keep_… hold those rows.`,
      );
    if (journal.pid === process.pid || !isSameProcess(journal.pid, journal.processStart)) journals.push(journal);
  }
  return journals;
}

function parse(text: string): DeleteJournal | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function writeAside(file: string, journal: DeleteJournal): Promise<string> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    const handle = await open(aside, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(journal));
      await handle.datasync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(aside, { force: true });
    throw unwritable(file, error);
  }
  return aside;
}

/** Makes the new name durable too, where the system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  if (!handle) return;
  await handle.sync().catch(() => {});
  await handle.close();
}

function unwritable(file: string, error: unknown): AppError {
  const { message } = error as Error;
  return new AppError(
    'workspace.unwritable',
    `${file} cannot be written (${message}), and without it no rows are deleted. Check the disk and permissions.`,
    undefined,
    { cause: error },
  );
}
