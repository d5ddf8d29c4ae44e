import { spawn } from 'node:child_process';

const FORCE_AFTER_MS = 20_000;
const running = new Set();
let stopping = false;

/**
 * Starts a program that ends with this one. Resolves with its exit code (128 + n for a signal) once it is gone.
 * A first SIGINT or SIGTERM asks the children to end, a second one, or too long a wait, kills them.
 */
export function startChild(file, args, options = {}) {
  const child = spawn(file, args, { stdio: 'inherit', ...options });
  running.add(child);
  watchSignals();
  const ended = new Promise((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child);
      reject(error);
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? 128 + (SIGNAL_NUMBERS[signal] ?? 1));
    });
  });
  return { child, ended };
}

const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTRAP: 5, SIGABRT: 6, SIGSEGV: 11, SIGTERM: 15 };

/** True once this program was asked to end. */
export function isStopping() {
  return stopping;
}

let watching = false;
function watchSignals() {
  if (watching) return;
  watching = true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stopChildren(signal));
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
}

function stopChildren(signal) {
  if (stopping) {
    for (const child of running) child.kill('SIGKILL');
    return;
  }
  stopping = true;
  // A terminal sends Ctrl+C to the whole process group; forwarding it as well would count as the impatient second one.
  const alreadySent = signal === 'SIGINT' && process.stdin.isTTY;
  if (!alreadySent) for (const child of running) child.kill(signal);
  setTimeout(() => {
    for (const child of running) child.kill('SIGKILL');
  }, FORCE_AFTER_MS).unref();
}
