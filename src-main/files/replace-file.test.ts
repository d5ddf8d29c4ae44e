import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replaceFile } from './replace-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('many who replace one file at the same time leave one whole text and nothing beside it', async () => {
  const file = join(folder, 'deep', 'file.json');
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(50_000));
  await Promise.all(texts.map((text) => replaceFile(file, text, { durable: true })));
  expect(texts).toContain(readFileSync(file, 'utf8'));
  expect(readdirSync(join(folder, 'deep'))).toEqual(['file.json']);
});

it('a secret is readable for others, also for a moment', async () => {
  const file = join(folder, 'secret');
  await replaceFile(file, 'x', { mode: 0o600 });
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('a name that cannot be taken leaves its draft behind', async () => {
  mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
  await expect(replaceFile(join(folder, 'taken'), 'x')).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['taken']);
});
