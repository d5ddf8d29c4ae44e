import { refuseConnection } from '@shared/rpc';
import { type MessagePortMain, utilityProcess } from 'electron';
import { VERSION } from '../version';
import type { CoreStart, FromCore, ToCore } from './core-messages';
import { type CoreChild, CoreProcess } from './core-process';
import { messagePortMain } from './message-port-main';
import { paths } from './paths';

function report(error: unknown, where: string): void {
  process.stderr.write(`tapemend: ${where}: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** Keeps the core in an Electron utility process. */
export function keepCore(options: {
  workspace: string;
  practice: boolean;
  demo: boolean;
  lost: () => void;
  jobsChanged: () => void;
}): CoreProcess<MessagePortMain> {
  const start: CoreStart = {
    workspace: options.workspace,
    version: VERSION,
    flags: { ...(options.practice ? { practice: true } : {}), ...(options.demo ? { demo: true } : {}) },
    ...(paths.resources ? { resourcesPath: paths.resources } : {}),
  };
  return new CoreProcess<MessagePortMain>({
    fork: () => forkCore(start),
    refuse: (port, reason) => refuseConnection(messagePortMain(port), reason),
    lost: options.lost,
    jobsChanged: options.jobsChanged,
    report,
  });
}

function forkCore(start: CoreStart): CoreChild<MessagePortMain> {
  const child = utilityProcess.fork(paths.coreHost, [], { serviceName: 'Tapemend core', stdio: 'inherit' });
  const core: CoreChild<MessagePortMain> = {
    send: (message: ToCore, port) => child.postMessage(message, port ? [port] : []),
    onMessage: (listener) => {
      child.on('message', (message: FromCore) => listener(message));
    },
    onExit: (listener) => {
      child.on('exit', (code) => listener(code));
    },
    kill: () => {
      child.kill();
    },
  };
  core.send({ type: 'start', start });
  return core;
}
