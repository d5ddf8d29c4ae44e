import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const STOP_BUDGET_MS = 20_000;

/** Whether a process of this machine still runs (a zombie that nobody has reaped does not). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks our own child to end, and kills it when it does not within the budget; tells which of the two it took. */
export async function endChild(child: ChildProcess): Promise<'ended' | 'killed'> {
  if (child.exitCode !== null || child.signalCode !== null) return 'ended';
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  if (await within(exited, STOP_BUDGET_MS)) return 'ended';
  child.kill('SIGKILL');
  await exited;
  return 'killed';
}

/** True when the promise settles within the budget. */
export async function within(promise: Promise<unknown>, budgetMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), budgetMs);
  });
  const first = await Promise.race([promise.then(() => 'settled' as const), late]);
  clearTimeout(timer);
  return first === 'settled';
}

/** Keeps the newest output of a child, so that a failed test can show it. */
export class OutputTail {
  #text = '';
  readonly #waiting = new Set<() => void>();

  add(chunk: string): void {
    this.#text = (this.#text + chunk).slice(-64_000);
    for (const wake of this.#waiting) wake();
  }

  get text(): string {
    return this.#text;
  }

  /** The first match, as soon as it is there; rejects when the child ends without it. */
  async waitFor(pattern: RegExp, child: ChildProcess): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match) return match;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(
          `the program ended (${child.exitCode ?? child.signalCode}) before it said ${pattern}:\n${this.#text}`,
        );
      }
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          child.removeListener('close', wake);
          resolve();
        };
        this.#waiting.add(wake);
        child.once('close', wake);
      });
    }
  }
}
