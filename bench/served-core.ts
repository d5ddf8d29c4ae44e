import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The page's host as it is built for shipping, in a process of its own. */
export interface ServedCore {
  /** To be opened once. */
  url: string;
  /** Ends it as Ctrl+C does; what it remembers is written then. */
  stop(): Promise<void>;
}

/** Starts `tapemend serve` with `env` as its only settings and resolves when it prints its address, before the database is open. */
export async function serveCore(
  workspace: string,
  env: Record<string, string>,
  nodeOptions: readonly string[] = [],
): Promise<ServedCore> {
  const cli = resolve(import.meta.dirname, '../out/main/cli.js');
  const child = spawn(
    process.execPath,
    [...nodeOptions, cli, 'serve', '--workspace', workspace, '--port', '0', '--json'],
    {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const closed = new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done));
  const url = await Promise.race([
    addressOf(child),
    closed.then((code) => {
      throw new Error(`tapemend serve ended with ${code}`);
    }),
  ]);
  return {
    url,
    async stop() {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

function addressOf({ stdout }: ChildProcess): Promise<string> {
  return new Promise((done) => {
    let said = '';
    stdout!.setEncoding('utf8').on('data', (part: string) => {
      said += part;
      if (said.includes('\n')) done((JSON.parse(said) as { url: string }).url);
    });
  });
}
