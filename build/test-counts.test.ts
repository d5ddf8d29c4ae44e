import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  lastLine,
  playwrightCounts,
  playwrightFailures,
  readCounts,
  readFailures,
  vitestCounts,
  vitestFailures,
} from './lib/test-counts.mjs';

const passed = { status: 'passed', assertionResults: [{}] };

describe('the sum of all suites', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapemend-counts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const report = (content: object): string => {
    const file = join(folder, 'report.json');
    writeFileSync(file, JSON.stringify(content));
    return file;
  };

  it('a test file that does not load is a failure, although no test of it failed', () => {
    const content = {
      numPassedTests: 3,
      numFailedTests: 0,
      numPendingTests: 1,
      numTodoTests: 1,
      testResults: [passed, { status: 'failed', assertionResults: [] }],
    };
    expect(readCounts(report(content), 1, vitestCounts)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  it('a runner that dies without a report is a failure', () => {
    expect(readCounts(join(folder, 'none.json'), 1, vitestCounts)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('a runner that ends badly after all tests passed is a failure', () => {
    const content = {
      numPassedTests: 2,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [passed],
    };
    expect(readCounts(report(content), 1, vitestCounts)).toEqual({ passed: 2, failed: 1, skipped: 0 });
    expect(readCounts(report(content), 0, vitestCounts)).toEqual({ passed: 2, failed: 0, skipped: 0 });
  });

  it('a suite that found no test at all is a failure, not a quick success', () => {
    const content = { stats: { expected: 0, unexpected: 0, flaky: 0, skipped: 0 } };
    expect(readCounts(report(content), 0, playwrightCounts)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('a flaky end-to-end test is a failure', () => {
    const content = { stats: { expected: 4, unexpected: 1, flaky: 2, skipped: 3 } };
    expect(readCounts(report(content), 1, playwrightCounts)).toEqual({ passed: 4, failed: 3, skipped: 3 });
  });

  it('what failed is named with the start of its error, without colours and stack', () => {
    const content = {
      testResults: [
        passed,
        { name: 'b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
        {
          name: 'c.test.ts',
          status: 'failed',
          assertionResults: [
            { status: 'passed', fullName: 'the clock ticks', failureMessages: [] },
            {
              status: 'failed',
              fullName: 'the clock strikes',
              failureMessages: ['\u001b[31mAssertionError\u001b[39m: expected 1 to be 2\n    at clock.ts:3:4'],
            },
          ],
        },
      ],
    };
    expect(readFailures(report(content), vitestFailures)).toEqual([
      { file: 'b.test.ts', test: 'did not load', error: 'no such module' },
      { file: 'c.test.ts', test: 'the clock strikes', error: 'AssertionError: expected 1 to be 2' },
    ]);
    expect(readFailures(join(folder, 'none.json'), vitestFailures)).toEqual([]);
  });

  it('what failed in the window is named with its groups', () => {
    const spec = (title: string, ok: boolean) => ({
      title,
      file: 'a.spec.ts',
      ok,
      tests: [{ results: [ok ? {} : { error: { message: 'Timed out\n  at a.spec.ts:9' } }] }],
    });
    const inner = { title: 'repair', line: 4, specs: [spec('heals', false), spec('waits', true)] };
    const content = { suites: [{ title: 'a.spec.ts', line: 0, specs: [spec('starts', true)], suites: [inner] }] };
    expect(readFailures(report(content), playwrightFailures)).toEqual([
      { file: 'a.spec.ts', test: 'repair › heals', error: 'Timed out' },
    ]);
  });

  it('the last line names skips only when there are some', () => {
    expect(lastLine({ passed: 5, failed: 0, skipped: 0 })).toBe('5 passed, 0 failed');
    expect(lastLine({ passed: 5, failed: 1, skipped: 2 })).toBe('5 passed, 1 failed, 2 skipped');
  });
});
