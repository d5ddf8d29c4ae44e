import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LineAppender } from './line-appender';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapemend-lines-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('lines of a file are lost, doubled, mixed or put in another order', async () => {
  const piece = fc.record({ file: fc.nat(2), durable: fc.boolean(), turns: fc.nat(3) });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const lines = new LineAppender();
      const pathOf = (file: number) => join(folder, `${run}-${file}`);
      run++;
      const expected = ['', '', ''];
      const appended: Promise<void>[] = [];
      for (const [index, { file, durable, turns }] of pieces.entries()) {
        const text = `${index}\n`;
        expected[file] += text;
        appended.push(lines.append(pathOf(file), text, durable));
        for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(appended);
      for (const [file, text] of expected.entries())
        expect(await readFile(pathOf(file), 'utf8').catch(() => '')).toBe(text);
    }),
    { numRuns: 30 },
  );
});

it('a line counts as written before it is in the file', async () => {
  const lines = new LineAppender();
  const path = join(folder, 'a');
  await lines.append(path, 'one\n', false);
  expect(await readFile(path, 'utf8')).toBe('one\n');
});

it('a failure stays unsaid, or keeps later lines from being written', async () => {
  const lines = new LineAppender();
  await writeFile(join(folder, 'file'), '');
  const path = join(folder, 'file', 'below');
  const failures = [lines.append(path, 'a', false), lines.append(path, 'b', true)];
  for (const failure of failures) await expect(failure).rejects.toMatchObject({ code: 'ENOTDIR' });
  await rm(join(folder, 'file'));
  await expect(lines.append(join(folder, 'file'), 'c', true)).resolves.toBeUndefined();
  await expect(lines.append(path, 'd', false)).rejects.toMatchObject({ code: 'ENOTDIR' });
});
