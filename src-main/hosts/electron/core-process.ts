import { AppError, type Failure, failureOf } from '@shared/contract';
import type { FromCore, ToCore } from './core-messages';

/** A running child process, as far as its keeper needs it. `Port` is what can be handed to it. */
export interface CoreChild<Port> {
  send(message: ToCore, port?: Port): void;
  onMessage(listener: (message: FromCore) => void): void;
  onExit(listener: (code: number) => void): void;
  /** Ends it at once. */
  kill(): void;
}

export interface CoreProcessOptions<Port> {
  /** Starts the process and sends it its `start` message. */
  fork(): CoreChild<Port>;
  /** Lets the client behind this port know that, and why, it will not be served. */
  refuse(port: Port, reason: Failure): void;
  /** The number of jobs under way or waiting changed. */
  jobsChanged?(): void;
  /** The process that ports were handed to has ended: they are dead, which their windows do not always see by themselves. */
  lost(): void;
  report(error: unknown, where: string): void;
  now?: () => number;
  setTimeout?: (task: () => void, milliseconds: number) => unknown;
  clearTimeout?: (timer: unknown) => void;
}

export type CorePhase =
  | 'idle'
  | 'starting'
  | 'running'
  /** Crashed, and waiting for the next attempt. */
  | 'restarting'
  /** Cannot start, or crashed too often; the windows are told, and asking again tries once more. */
  | 'failed'
  | 'stopping'
  | 'stopped';

const RESTART_DELAYS_MS = [250, 1_000];
/** Crashes within this time count together; one more of them than there are delays gives up. */
const CRASH_WINDOW_MS = 60_000;
/** The core stops QuestDB, which may have to write for a while. */
const GRACE_MS = 15_000;
const AFTER_KILL_MS = 3_000;

/**
 * Keeps the core's process: starts it, hands it the ports of the windows, starts it anew after a crash (waiting longer each
 * time, giving up after the third within a minute), stops it within a budget. Ports wait while it is starting; when it cannot
 * start, every one of them gets the reason.
 */
export class CoreProcess<Port> {
  readonly #options: CoreProcessOptions<Port>;
  readonly #waiting: Port[] = [];
  #phase: CorePhase = 'idle';
  #child: CoreChild<Port> | null = null;
  #crashes: number[] = [];
  #timer: unknown = null;
  /** Why it failed, while no window has been told. */
  #untold: Failure | null = null;
  #stopped: Promise<void> | null = null;
  #jobs = 0;
  #adoptions = 0;
  #onStopped: (() => void) | null = null;

  constructor(options: CoreProcessOptions<Port>) {
    this.#options = options;
  }

  get phase(): CorePhase {
    return this.#phase;
  }

  /** Jobs under way or waiting, as the core last said; none while there is no core. */
  get jobs(): number {
    return this.#jobs;
  }

  /** How many of those are adoptions. */
  get adoptions(): number {
    return this.#adoptions;
  }

  start(): void {
    if (this.#phase === 'idle') this.#launch();
  }

  /** Hands a window's port to the core, now or when it runs. */
  connect(port: Port): void {
    switch (this.#phase) {
      case 'running':
        this.#child?.send({ type: 'connect' }, port);
        break;
      case 'stopping':
      case 'stopped':
        this.#options.refuse(port, { code: 'rpc.disconnected', message: 'Tapemend is closing.' });
        break;
      case 'failed':
        this.#connectAfterFailure(port);
        break;
      default:
        this.#waiting.push(port);
    }
  }

  /** Resolves when the process has ended; rejects with `runtime.core_stuck` when it had to be killed and still did not end. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** The first window to ask learns the reason; who asks after that is a person who wants one more round. */
  #connectAfterFailure(port: Port): void {
    if (this.#untold) {
      this.#options.refuse(port, this.#untold);
      this.#untold = null;
      return;
    }
    this.#waiting.push(port);
    this.#crashes = [];
    this.#launch();
  }

  #launch(): void {
    this.#phase = 'starting';
    let child: CoreChild<Port>;
    try {
      child = this.#options.fork();
    } catch (error) {
      this.#options.report(error, 'core.fork');
      this.#fail(failureOf(error));
      return;
    }
    this.#child = child;
    child.onMessage((message) => {
      if (child === this.#child) this.#receive(message);
    });
    child.onExit((code) => {
      if (child === this.#child) this.#exited(code);
    });
  }

  #receive(message: FromCore): void {
    if (message.type === 'jobs') {
      this.#setJobs(message.count, message.adoptions);
      return;
    }
    if (this.#phase !== 'starting') return;
    if (message.type === 'failed') {
      const child = this.#child;
      this.#child = null;
      child?.kill();
      this.#fail(message.error);
      return;
    }
    this.#phase = 'running';
    for (const port of this.#waiting.splice(0)) this.#child?.send({ type: 'connect' }, port);
  }

  #setJobs(count: number, adoptions: number): void {
    this.#jobs = count;
    this.#adoptions = adoptions;
    this.#options.jobsChanged?.();
  }

  #exited(code: number): void {
    this.#child = null;
    this.#setJobs(0, 0);
    if (this.#phase === 'stopping') {
      this.#onStopped?.();
      return;
    }
    if (this.#phase === 'running') this.#options.lost();
    const now = (this.#options.now ?? Date.now)();
    this.#crashes = [...this.#crashes.filter((at) => now - at < CRASH_WINDOW_MS), now];
    this.#options.report(new Error(`the core ended with code ${code}`), 'core.crash');
    const delay = RESTART_DELAYS_MS[this.#crashes.length - 1];
    if (delay === undefined) {
      this.#fail({
        code: 'runtime.core_crashed',
        message: `The core stopped ${this.#crashes.length} times within a minute (exit code ${code}). What was stored stays. Try again; logs/core.log in the workspace tells more.`,
        data: { exitCode: code },
      });
      return;
    }
    this.#phase = 'restarting';
    this.#timer = this.#later(() => this.#launch(), delay);
  }

  #fail(reason: Failure): void {
    this.#phase = 'failed';
    this.#untold = this.#waiting.length > 0 ? null : reason;
    for (const port of this.#waiting.splice(0)) this.#options.refuse(port, reason);
  }

  async #stop(): Promise<void> {
    this.#cancel(this.#timer);
    const child = this.#child;
    this.#phase = 'stopping';
    for (const port of this.#waiting.splice(0)) this.connect(port);
    if (child) await this.#end(child);
    this.#phase = 'stopped';
  }

  #end(child: CoreChild<Port>): Promise<void> {
    return new Promise((resolve, reject) => {
      let timer = this.#later(() => {
        this.#options.report(new Error(`the core did not stop within ${GRACE_MS} ms`), 'core.stop');
        child.kill();
        timer = this.#later(() => {
          reject(new AppError('runtime.core_stuck', 'The core did not end, although it was told to and killed.'));
        }, AFTER_KILL_MS);
      }, GRACE_MS);
      this.#onStopped = () => {
        this.#cancel(timer);
        resolve();
      };
      child.send({ type: 'stop' });
    });
  }

  #later(task: () => void, milliseconds: number): unknown {
    return (this.#options.setTimeout ?? setTimeout)(task, milliseconds);
  }

  #cancel(timer: unknown): void {
    if (timer === null) return;
    (this.#options.clearTimeout ?? ((known) => clearTimeout(known as NodeJS.Timeout)))(timer);
  }
}
