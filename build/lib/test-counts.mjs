import { existsSync, readFileSync } from 'node:fs';

/** Tests of one step. `skipped` also counts whole suites that could not run. */
export const NOTHING = { passed: 0, failed: 0, skipped: 0 };

export function add(a, b) {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Counts of vitest's JSON report. A file that did not load has no failed test; it counts as one. */
export function vitestCounts(report) {
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Counts of Playwright's JSON report. A flaky test passed only when tried again: a failure. */
export function playwrightCounts(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky, skipped };
}

/** Reads a report and makes sure that a failed run never looks like a passed one, whatever the report says. */
export function readCounts(file, exitCode, countsOf) {
  let counts = NOTHING;
  if (existsSync(file)) counts = countsOf(JSON.parse(readFileSync(file, 'utf8')));
  const isSilentFailure = exitCode !== 0 && counts.failed === 0;
  const isEmpty = counts.passed + counts.failed + counts.skipped === 0;
  return isSilentFailure || isEmpty ? { ...counts, failed: counts.failed + 1 } : counts;
}

export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
