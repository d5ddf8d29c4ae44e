export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface VitestResult {
  status?: string;
  fullName?: string;
  failureMessages?: string[];
}

export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name?: string; status: string; message?: string; assertionResults: VitestResult[] }[];
}

export interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

export interface PlaywrightSuite {
  title: string;
  line?: number;
  suites?: PlaywrightSuite[];
  specs?: {
    title: string;
    file: string;
    ok: boolean;
    tests: { results: { error?: { message?: string } }[] }[];
  }[];
}

export interface Failure {
  file: string;
  test: string;
  error: string;
}

export const NOTHING: Counts;
export function add(a: Counts, b: Counts): Counts;
export function vitestCounts(report: VitestReport): Counts;
export function playwrightCounts(report: PlaywrightReport): Counts;
export function readCounts<Report>(file: string, exitCode: number, countsOf: (report: Report) => Counts): Counts;
export function vitestFailures(report: VitestReport): Failure[];
export function playwrightFailures(report: { suites?: PlaywrightSuite[] }): Failure[];
export function readFailures<Report>(file: string, failuresOf: (report: Report) => Failure[]): Failure[];
export function lastLine(counts: Counts): string;
