import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export interface LaunchOptions {
  java: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Folder of `ClientFiles`. */
  clients: string;
  /** File that takes what the server prints. */
  log: string;
}

/** The watchdog cuts the log when it grows beyond this. */
export const LOG_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * The shell becomes Java itself (exec keeps the process number), after it has left a watchdog behind. That one looks every
 * second whether any registered Tapemend still lives, two looks without one end the server: nothing is orphaned, not even when
 * every Tapemend was killed. It needs nothing but /bin/sh, since a packaged app has no Node to run. Zombies count as dead, and
 * where /proc tells when a process began, a reused number does not pass for the Tapemend that had it.
 */
const LAUNCH_SCRIPT = `
clients=$1; log=$2; limit=$3; shift 3
server=$$
some_client_lives() {
  for file in "$clients"/*; do
    [ -e "$file" ] || continue
    pid=\${file##*/}; pid=\${pid%%-*}
    kill -0 "$pid" 2>/dev/null || continue
    if [ -r "/proc/$pid/stat" ]; then
      read -r stat < "/proc/$pid/stat" || continue
      read -r began < "$file" || began=
      set -- \${stat##*) }
      [ "$1" = Z ] && continue
      [ -n "$began" ] && [ "$began" != "\${20}" ] && continue
    fi
    return 0
  done
  return 1
}
watch() {
  missed=0
  while sleep 1 && kill -0 "$server" 2>/dev/null; do
    if some_client_lives; then missed=0; else missed=$((missed + 1)); fi
    if [ "$missed" -ge 2 ]; then
      kill -TERM "$server" 2>/dev/null
      for i in 1 2 3 4 5 6 7 8; do kill -0 "$server" 2>/dev/null || exit 0; sleep 1; done
      kill -KILL "$server" 2>/dev/null
      exit 0
    fi
    if [ "$(wc -c < "$log")" -gt "$limit" ]; then cp "$log" "$log.1"; : > "$log"; fi
  done
}
watch </dev/null >/dev/null 2>&1 &
exec "$@" </dev/null >>"$log" 2>&1
`;

/**
 * Starts Java on its own, in its own session, printing into the log file. On Windows there is no watchdog: a server whose
 * Tapemend was killed goes on until the next Tapemend of the workspace joins and leaves it.
 */
export function launchServer(options: LaunchOptions): ChildProcess {
  const { java, args, env, clients, log } = options;
  if (process.platform === 'win32') {
    const output = openSync(log, 'a');
    try {
      return spawn(java, args, { env, stdio: ['ignore', output, output], windowsHide: true });
    } finally {
      closeSync(output);
    }
  }
  const child = spawn(
    '/bin/sh',
    ['-c', LAUNCH_SCRIPT, 'tapemend-questdb', clients, log, String(LOG_LIMIT_BYTES), java, ...args],
    { env, stdio: 'ignore', detached: true },
  );
  child.unref();
  return child;
}
