import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

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

/**
 * What failed in a report of vitest, each with the first lines of its error; `file` is what a second run takes.
 * A file that did not load stands for itself.
 */
export function vitestFailures(report) {
  return report.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((test) => test.status === 'failed');
    if (failed.length === 0 && file.status === 'failed')
      return [{ file: file.name, test: 'did not load', error: shortened(file.message) }];
    return failed.map((test) => ({
      file: file.name,
      test: test.fullName,
      error: shortened(test.failureMessages?.[0]),
    }));
  });
}

/** What failed in a report of Playwright, where suites hold suites. */
export function playwrightFailures(report) {
  const of = (suite, titles) => [
    ...(suite.suites ?? []).flatMap((inner) => of(inner, inner.line > 0 ? [...titles, inner.title] : titles)),
    ...(suite.specs ?? [])
      .filter((spec) => !spec.ok)
      .map((spec) => ({
        file: spec.file,
        test: [...titles, spec.title].join(' › '),
        error: shortened(
          spec.tests.flatMap((test) => test.results).find((result) => result.error !== undefined)?.error.message,
        ),
      })),
  ];
  return (report.suites ?? []).flatMap((suite) => of(suite, []));
}

/** The failures of a report, none where there is no report. */
export function readFailures(file, failuresOf) {
  return existsSync(file) ? failuresOf(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

/** An error in one short line: without colours and stack. */
function shortened(message) {
  const lines = stripVTControlCharacters(message ?? 'no message')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '));
  const text = lines.slice(0, 6).join(' | ');
  return text.length > 240 ? `${text.slice(0, 239)}…` : text;
}

export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
