import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ErrorLog } from './error-log';

let workspace: string;
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'tapemend-log-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(workspace, { recursive: true, force: true });
});

describe('the error log', () => {
  it('leaves the reason in the workspace, where the message for people sends them', async () => {
    const log = new ErrorLog({ now: () => 0 });
    log.write(new Error('too early for a file'), 'fatal');
    log.openIn(workspace);
    log.write(new Error('broken'), 'fatal');
    const text = await readFile(join(workspace, 'logs', 'core.log'), 'utf8');
    expect(text).toMatch(/^1970-01-01T00:00:00\.000Z fatal: Error: broken\n {4}at /);
    expect(text).not.toContain('too early');
  });

  it('does not grow without end', async () => {
    const log = new ErrorLog({ limitBytes: 100 });
    log.openIn(workspace);
    for (let i = 0; i < 20; i++) log.write(`line ${i}`, 'test');
    const now = await readFile(join(workspace, 'logs', 'core.log'), 'utf8');
    const older = await readFile(join(workspace, 'logs', 'core.log.1'), 'utf8');
    expect(now.length + older.length).toBeLessThan(400);
    expect(now).toContain('line 19');
  });

  it('does not fail when it cannot write', async () => {
    await writeFile(join(workspace, 'logs'), 'a file where a folder is needed');
    const log = new ErrorLog();
    log.openIn(workspace);
    expect(() => log.write('x', 'test')).not.toThrow();
  });
});
