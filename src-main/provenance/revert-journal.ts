import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@shared/contract';
import { z } from 'zod';
import { replaceFile } from '../files';
import { isSameProcess, processStart } from '../processes';

const SUFFIX = '.revert.json';
const schema = z.object({
  format: z.literal(1),
  pid: z.number(),
  processStart: z.string(),
  jobId: z.string(),
  key: z.string(),
});

/** Reverts under way, one file each in the workspace, so that one that was cut off goes on at the next start. */
export class RevertJournal {
  readonly #running = new Set<string>();

  constructor(private readonly folder: string) {}

  /** Durable when it resolves. */
  async begin(id: string, jobId: string, key: string): Promise<void> {
    const file = this.#file(id);
    const owner = { pid: process.pid, processStart: processStart(process.pid) ?? '' };
    const text = JSON.stringify({ format: 1, ...owner, jobId, key });
    await replaceFile(file, text, { durable: true }).catch((error: unknown) => {
      throw new AppError(
        'workspace.unwritable',
        `${file} cannot be written (${(error as Error).message}), so nothing is undone. Check the disk and permissions.`,
        undefined,
        { cause: error },
      );
    });
    this.#running.add(id);
  }

  async end(id: string): Promise<void> {
    await rm(this.#file(id), { force: true });
    this.#running.delete(id);
  }

  /** Leaves the file for `interrupted`, as a crash would. */
  abandon(id: string): void {
    this.#running.delete(id);
  }

  /** Reverts that nobody works on any more. A file that cannot be read is as good as none: its revert can be asked for again. */
  async interrupted(): Promise<{ jobId: string; key: string }[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const found: { jobId: string; key: string }[] = [];
    for (const name of names.filter((each) => each.endsWith(SUFFIX))) {
      if (this.#running.has(name.slice(0, -SUFFIX.length))) continue;
      const journal = parse(await readFile(join(this.folder, name), 'utf8').catch(() => ''));
      if (!journal) continue;
      if (journal.pid !== process.pid && isSameProcess(journal.pid, journal.processStart)) continue;
      found.push({ jobId: journal.jobId, key: journal.key });
    }
    return found;
  }

  #file(id: string): string {
    return join(this.folder, `${id}${SUFFIX}`);
  }
}

function parse(text: string): z.infer<typeof schema> | null {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
