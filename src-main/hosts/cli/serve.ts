import { join } from 'node:path';
import type { Core } from '../../core';
import { startWebHost } from '../web';
import type { ParsedCommand } from './arguments';
import { EXIT } from './exit-code';

/** Serves the window in the browser until interrupted; prints the address, whose token works once. */
export async function runServe(
  command: Extract<ParsedCommand, { command: 'serve' }>,
  core: Core,
  metricsUrl: string | null,
  signal: AbortSignal,
): Promise<number> {
  const host = await startWebHost({
    core,
    rendererDir: join(import.meta.dirname, '..', 'renderer'),
    host: command.host,
    port: command.port,
  });
  try {
    if (command.common.json)
      process.stdout.write(`${JSON.stringify({ url: host.url, port: host.port, metricsUrl })}\n`);
    else {
      const metrics = metricsUrl === null ? '' : `Prometheus finds metrics at ${metricsUrl}\n`;
      process.stdout.write(
        `Tapemend is served at ${host.url}\nThe address works once, in one browser. Ctrl+C stops.\n${metrics}`,
      );
    }
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return EXIT.done;
  } finally {
    await host.close();
  }
}
