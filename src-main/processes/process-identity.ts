import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process began, as text that never changes while it lives: a number alone can be given to another process later.
 * Empty where the system does not tell (then only the number counts); null when no such process lives.
 */
export function processStart(pid: number): string | null {
  if (!isRunning(pid)) return null;
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(') ') + 2).split(' ');
      return fields[0] === 'Z' ? null : (fields[19] ?? '');
    }
    if (process.platform === 'darwin')
      return execFileSync('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return isRunning(pid) ? '' : null;
  }
  return '';
}

/** Whether the process that had this number and this beginning still lives. */
export function isSameProcess(pid: number, start: string): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  const now = processStart(pid);
  return now !== null && (now === start || now === '' || start === '');
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
