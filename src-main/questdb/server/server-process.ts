import type { ChildProcess } from 'node:child_process';
import { isSameProcess } from '../../processes';
import { pause } from './pause';
import type { ServerRecord } from './server-record';

const STOP_BUDGET_MS = 10_000;

/** Whether the process that the record names still lives. */
export function isAlive(record: ServerRecord): boolean {
  return record.process !== null && isSameProcess(record.process.pid, record.process.start);
}

/** Ends the process that the record names, and no other, within the budget; true when it had to be killed. */
export async function endServer(record: ServerRecord, budgetMs = STOP_BUDGET_MS): Promise<boolean> {
  if (!record.process || !isAlive(record)) return false;
  const { pid } = record.process;
  signalProcess(pid, 'SIGTERM');
  if (await gone(record, budgetMs * 0.75)) return false;
  signalProcess(pid, 'SIGKILL');
  await gone(record, budgetMs * 0.25);
  return true;
}

async function gone(record: ServerRecord, budgetMs: number): Promise<boolean> {
  for (const deadline = Date.now() + budgetMs; Date.now() < deadline; ) {
    if (!isAlive(record)) return true;
    await pause(25);
  }
  return !isAlive(record);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const BY_SIGNAL = 'it was ended by ';

/** Whether an error made of what `exitOf` told speaks of a signal, which nobody here sent. */
export function wasStruckDown(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith(BY_SIGNAL);
}

/** What ended the child, or null while it runs. */
export function exitOf(child: ChildProcess): () => string | null {
  let reason: string | null = null;
  child.once('error', (error) => {
    reason ??= error.message;
  });
  child.once('exit', (code, signal) => {
    reason ??= signal ? `${BY_SIGNAL}${signal}` : `it ended with exit code ${code}`;
  });
  return () => reason;
}
