import { createCore } from '../../core';
import type { ToCore } from './core-messages';
import { CoreService } from './core-service';
import { type MessagePortMainLike, messagePortMain } from './message-port-main';

/** Entry of the core's own process (an Electron utility process). Reaches electron by no import. */
const parent = process.parentPort;

function report(error: unknown, where: string): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`core: ${where}: ${text}\n`);
}

// Since Electron 37 an unhandled rejection only warns; a core in an unknown state must end and be started anew.
function die(error: unknown): never {
  report(error, 'fatal');
  process.exit(70);
}
process.on('uncaughtException', die);
process.on('unhandledRejection', die);

const service = new CoreService({
  createCore: (start) => createCore({ ...start, env: process.env }),
  send: (message) => parent.postMessage(message),
  exit: (code) => process.exit(code),
  report,
});

parent.on('message', ({ data, ports }) => {
  const port = ports[0] as MessagePortMainLike | undefined;
  service.receive(data as ToCore, port ? messagePortMain(port) : null);
});
// When the main process is killed, Chromium ends this one without a word; QuestDB's own watchdog then stops the server.
process.on('SIGTERM', () => void service.stop());
process.on('SIGINT', () => void service.stop());
