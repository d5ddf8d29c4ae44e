import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { LOG_LIMIT_BYTES } from './launcher';

const TAIL_BYTES = 32 * 1024;

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

export function rotateLog(log: string): void {
  if (sizeOf(log) > LOG_LIMIT_BYTES) renameSync(log, `${log}.1`);
}

/** The newest lines of a file, none from before `start`. */
export function tailOfLog(path: string, start: number): string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const from = Math.max(start > size ? 0 : start, size - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    readSync(file, bytes, 0, bytes.length, from);
    return bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
  } finally {
    closeSync(file);
  }
}
