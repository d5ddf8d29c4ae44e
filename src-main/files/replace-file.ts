import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts `text` in the place of a file, whose folder is made when it is absent: written aside and renamed, so that nobody reads half
 * of it. With `durable` the text is on the disk before it gets the name. Rejects with the file system's error; the file is then
 * as it was, and nothing is left beside it.
 */
export async function replaceFile(
  path: string,
  text: string,
  options: { mode?: number; durable?: boolean } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(aside, 'wx', options.mode);
    try {
      await file.writeFile(text);
      if (options.durable) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}
