import { createCore } from '../../core';
import type { ToCore } from './core-messages';
import { withMetrics } from './core-metrics';
import { CoreService } from './core-service';
import { ErrorLog } from './error-log';
import { type MessagePortMainLike, messagePortMain } from './message-port-main';

/** Entry of the core's own process (an Electron utility process). Reaches electron by no import. */
const parent = process.parentPort;
const log = new ErrorLog();

// Since Electron 37 an unhandled rejection only warns; a core in an unknown state must end and be started anew.
function die(error: unknown): never {
  log.write(error, 'fatal');
  process.exit(70);
}
process.on('uncaughtException', die);
process.on('unhandledRejection', die);

const service = new CoreService({
  createCore(start) {
    log.openIn(start.workspace);
    const logger = { error: (fields: object, message: string) => log.write(JSON.stringify(fields), message) };
    return withMetrics(createCore({ ...start, env: process.env, logger }), (error) => log.write(error, 'metrics'));
  },
  send: (message) => parent.postMessage(message),
  exit: (code) => process.exit(code),
  report: (error, where) => log.write(error, where),
});

parent.on('message', ({ data, ports }) => {
  const port = ports[0] as MessagePortMainLike | undefined;
  service.receive(data as ToCore, port ? messagePortMain(port) : null);
});
// When the main process is killed, Chromium ends this one without a word; QuestDB's own watchdog then stops the server.
process.on('SIGTERM', () => void service.stop());
process.on('SIGINT', () => void service.stop());
