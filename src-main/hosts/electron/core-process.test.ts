import type { Failure } from '@shared/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FromCore, ToCore } from './core-messages';
import { type CoreChild, CoreProcess } from './core-process';

class FakeChild implements CoreChild<string> {
  readonly sent: (ToCore['type'] | string)[] = [];
  killed = false;
  #message: (message: FromCore) => void = () => {};
  #exit: (code: number) => void = () => {};

  send(message: ToCore, port?: string) {
    this.sent.push(port ?? message.type);
  }
  onMessage(listener: (message: FromCore) => void) {
    this.#message = listener;
  }
  onExit(listener: (code: number) => void) {
    this.#exit = listener;
  }
  kill() {
    this.killed = true;
  }
  says(message: FromCore) {
    this.#message(message);
  }
  exits(code: number) {
    this.#exit(code);
  }
}

let children: FakeChild[];
let refused: { port: string; reason: Failure }[];
let timers: { task: () => void; milliseconds: number; cancelled: boolean }[];
let now: number;
let core: CoreProcess<string>;
let forkFails: boolean;
let losses: number;

beforeEach(() => {
  children = [];
  refused = [];
  timers = [];
  now = 0;
  forkFails = false;
  losses = 0;
  core = new CoreProcess<string>({
    fork() {
      if (forkFails) throw new Error('no such file');
      const child = new FakeChild();
      children.push(child);
      return child;
    },
    refuse: (port, reason) => refused.push({ port, reason }),
    lost: () => losses++,
    report: () => {},
    now: () => now,
    setTimeout: (task, milliseconds) => timers.push({ task, milliseconds, cancelled: false }) - 1,
    clearTimeout: (index) => {
      const timer = timers[index as number];
      if (timer) timer.cancelled = true;
    },
  });
});

const child = () => children.at(-1) as FakeChild;
function elapse() {
  const timer = timers.at(-1);
  if (!timer || timer.cancelled) return undefined;
  timer.cancelled = true;
  timer.task();
  return timer.milliseconds;
}

describe('the core process', () => {
  it('does not lose the window that asked before the core was up', () => {
    core.start();
    core.connect('window');
    expect(child().sent).toEqual([]);
    child().says({ type: 'ready' });
    core.connect('second');
    expect(child().sent).toEqual(['window', 'second']);
  });

  it('tells every waiting window why it cannot start, instead of letting them wait for ever', () => {
    const error = { code: 'workspace.unwritable', message: 'The workspace cannot be written.' };
    core.start();
    core.connect('one');
    core.connect('two');
    child().says({ type: 'failed', error });
    expect(refused).toEqual([
      { port: 'one', reason: error },
      { port: 'two', reason: error },
    ]);
    expect(child().killed).toBe(true);
    child().exits(0);
    expect(core.phase).toBe('failed');
    expect(children.length).toBe(1);
  });

  it('starts anew after a crash, later each time, and keeps the windows waiting meanwhile', () => {
    core.start();
    child().says({ type: 'ready' });
    child().exits(70);
    expect(core.phase).toBe('restarting');
    core.connect('window');
    expect(elapse()).toBe(250);
    child().exits(70);
    expect(elapse()).toBe(1_000);
    child().says({ type: 'ready' });
    expect(children.length).toBe(3);
    expect(child().sent).toEqual(['window']);
  });

  it('leaves no window on the dead port of a core that was killed', () => {
    core.start();
    child().exits(9);
    expect(losses).toBe(0);
    elapse();
    child().says({ type: 'ready' });
    core.connect('window');
    child().exits(9);
    expect(losses).toBe(1);
  });

  it('gives up after the third crash within a minute instead of crashing for ever', () => {
    core.start();
    core.connect('window');
    child().exits(3);
    elapse();
    child().exits(3);
    elapse();
    child().exits(3);
    expect(core.phase).toBe('failed');
    expect(refused).toMatchObject([
      { port: 'window', reason: { code: 'runtime.core_crashed', data: { exitCode: 3 } } },
    ]);
  });

  it('does not count crashes that lie far apart', () => {
    core.start();
    for (let crash = 0; crash < 5; crash++) {
      child().says({ type: 'ready' });
      child().exits(1);
      expect(elapse()).toBe(250);
      now += 61_000;
    }
    expect(core.phase).toBe('starting');
  });

  it('tells one window the reason of a failure nobody heard of, and tries again when asked again', () => {
    core.start();
    child().says({ type: 'ready' });
    for (let crash = 0; crash < 3; crash++) {
      child().exits(9);
      elapse();
    }
    expect(core.phase).toBe('failed');
    const before = children.length;
    core.connect('window');
    expect(refused.map(({ port }) => port)).toEqual(['window']);
    expect(children.length).toBe(before);
    core.connect('window again');
    expect(children.length).toBe(before + 1);
    child().says({ type: 'ready' });
    expect(child().sent).toEqual(['window again']);
    child().exits(9);
    expect(core.phase).toBe('restarting');
  });

  it('fails with a reason when the process cannot even be started', () => {
    forkFails = true;
    core.start();
    core.connect('window');
    expect(refused).toMatchObject([{ port: 'window', reason: { message: 'no such file' } }]);
  });

  it('stops by asking, and takes an exit while stopping for no crash', async () => {
    core.start();
    child().says({ type: 'ready' });
    const stopped = core.stop();
    expect(core.stop()).toBe(stopped);
    expect(child().sent).toEqual(['stop']);
    child().exits(0);
    await stopped;
    expect(core.phase).toBe('stopped');
    expect(children.length).toBe(1);
    core.connect('late');
    expect(refused).toMatchObject([{ port: 'late', reason: { code: 'rpc.disconnected' } }]);
  });

  it('kills a core that does not stop within its budget', async () => {
    core.start();
    const stopped = core.stop();
    expect(elapse()).toBe(15_000);
    expect(child().killed).toBe(true);
    child().exits(9);
    await stopped;
    expect(core.phase).toBe('stopped');
  });

  it('says so when even killing did not help', async () => {
    core.start();
    const stopped = core.stop();
    elapse();
    elapse();
    await expect(stopped).rejects.toMatchObject({ code: 'runtime.core_stuck' });
  });

  it('does not start anew when it is stopped between a crash and the restart', async () => {
    core.start();
    child().exits(1);
    core.connect('window');
    await core.stop();
    elapse();
    expect(children.length).toBe(1);
    expect(refused.map(({ port }) => port)).toEqual(['window']);
  });
});
