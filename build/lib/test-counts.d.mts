export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
}

export interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

export const NOTHING: Counts;
export function add(a: Counts, b: Counts): Counts;
export function vitestCounts(report: VitestReport): Counts;
export function playwrightCounts(report: PlaywrightReport): Counts;
export function readCounts<Report>(file: string, exitCode: number, countsOf: (report: Report) => Counts): Counts;
export function lastLine(counts: Counts): string;
