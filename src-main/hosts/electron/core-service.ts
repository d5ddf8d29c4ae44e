import { type Events, failureOf, type JobState, type RequestHandlers, type StreamHandlers } from '@shared/contract';
import { createRpcServer, type EventHub, type Port } from '@shared/rpc';
import type { CoreStart, FromCore, ToCore } from './core-messages';

/** The part of the core that its process needs. */
export interface ServedCore {
  readonly requests: RequestHandlers;
  readonly streams: StreamHandlers;
  readonly events: EventHub;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface CoreServiceOptions {
  createCore(start: CoreStart): ServedCore | Promise<ServedCore>;
  send(message: FromCore): void;
  /** Ends the process: 0 after an asked-for stop. */
  exit(code: number): void;
  report(error: unknown, where: string): void;
}

const OPEN_STATES: ReadonlySet<JobState> = new Set(['queued', 'running']);

/** Runs the core on behalf of the main process: starts it, serves every window on its own port, stops it. */
export class CoreService {
  readonly #options: CoreServiceOptions;
  #core: ServedCore | null = null;
  #starting: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;

  constructor(options: CoreServiceOptions) {
    this.#options = options;
  }

  receive(message: ToCore, port: Port | null): void {
    if (message.type === 'start') this.#starting = this.#start(message.start);
    else if (message.type === 'connect') this.#connect(port);
    else void this.stop();
  }

  /** Stops the core and ends the process; the same for a request, a signal and a main process that is gone. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(start: CoreStart): Promise<void> {
    try {
      const core = await this.#options.createCore(start);
      this.#core = core;
      this.#countWork(core.events);
      await core.start();
      this.#options.send({ type: 'ready' });
    } catch (error) {
      const failure = failureOf(error);
      if (failure.code === 'runtime.bug') this.#options.report(error, 'core.start');
      this.#options.send({ type: 'failed', error: failure });
    }
  }

  /** The main process asks before it closes the window on them. */
  #countWork(events: EventHub): void {
    const open = new Set<string>();
    let adoptions = 0;
    const told = () => this.#options.send({ type: 'jobs', count: open.size + adoptions, adoptions });
    events.subscribe((name, data) => {
      if (name === 'adoption.count_changed') {
        adoptions = (data as Events['adoption.count_changed']).running;
        told();
        return;
      }
      if (name !== 'job.progressed' && name !== 'job.finished') return;
      const job = 'progress' in data ? data.progress : (data as Events['job.progressed']);
      const before = open.size;
      // Another program's job goes on without this one, and a paused job waits for a person anyway.
      const isOurs = job.owner === 'here' && OPEN_STATES.has(job.state);
      if (name === 'job.progressed' && isOurs) open.add(job.jobId);
      else open.delete(job.jobId);
      if (open.size !== before) told();
    });
  }

  #connect(port: Port | null): void {
    if (!port) return;
    const { report } = this.#options;
    if (!this.#core || this.#stopping) port.close();
    else {
      const { requests, streams, events } = this.#core;
      createRpcServer({ port, requests, streams, events, report });
    }
  }

  async #stop(): Promise<void> {
    await this.#starting;
    try {
      await this.#core?.stop();
      this.#options.exit(0);
    } catch (error) {
      this.#options.report(error, 'core.stop');
      this.#options.exit(1);
    }
  }
}
