import { AppError, type JobProgress, type RequestHandlers, type StreamHandlers } from '@shared/contract';
import { createMemoryPortPair, createRpcClient, EventHub } from '@shared/rpc';
import { describe, expect, it, vi } from 'vitest';
import type { FromCore } from './core-messages';
import { CoreService, type ServedCore } from './core-service';

const START = { type: 'start', start: { workspace: 'w', version: '1', flags: {} } } as const;

function service(core: Partial<ServedCore> | (() => never)) {
  const sent: FromCore[] = [];
  const exits: number[] = [];
  const reports: string[] = [];
  const made = new CoreService({
    createCore: () => {
      if (typeof core === 'function') return core();
      return {
        requests: { 'series.list': () => ({ series: [] }) } as unknown as RequestHandlers,
        streams: {} as StreamHandlers,
        events: new EventHub(),
        start: async () => {},
        stop: async () => {},
        ...core,
      };
    },
    send: (message) => sent.push(message),
    exit: (code) => exits.push(code),
    report: (_error, where) => reports.push(where),
  });
  return { service: made, sent, exits, reports };
}

describe('the service in the core process', () => {
  it('serves each window on its own port', async () => {
    const { service: running, sent } = service({});
    running.receive(START, null);
    await vi.waitFor(() => expect(sent).toEqual([{ type: 'ready' }]));
    const pairs = [createMemoryPortPair(), createMemoryPortPair()];
    for (const [port] of pairs) running.receive({ type: 'connect' }, port);
    const clients = pairs.map(([, port]) => createRpcClient(port));
    expect(await Promise.all(clients.map((client) => client.call('series.list', {})))).toHaveLength(2);
    clients[0]?.close();
    expect(await clients[1]?.call('series.list', {})).toEqual({ series: [] });
  });

  it('asks before closing the window on a job that another program runs, or that is paused, or not on an adoption', async () => {
    const events = new EventHub();
    const { service: running, sent } = service({ events });
    running.receive(START, null);
    await vi.waitFor(() => expect(sent).toEqual([{ type: 'ready' }]));
    const say = (job: Pick<JobProgress, 'jobId' | 'state' | 'owner'>) =>
      events.emit('job.progressed', job as JobProgress);
    say({ jobId: 'theirs', state: 'running', owner: 'elsewhere' });
    say({ jobId: 'ours', state: 'running', owner: 'here' });
    say({ jobId: 'ours', state: 'paused', owner: 'here' });
    expect(sent.slice(1)).toEqual([
      { type: 'jobs', count: 1, adoptions: 0 },
      { type: 'jobs', count: 0, adoptions: 0 },
    ]);
    events.emit('adoption.count_changed', { running: 2 });
    expect(sent.at(-1)).toEqual({ type: 'jobs', count: 2, adoptions: 2 });
  });

  it.each([
    [
      'creation',
      () => {
        throw new AppError('usage.bad_setting', 'metrics.port is wrong.');
      },
    ],
    ['start', { start: () => Promise.reject(new AppError('usage.bad_setting', 'metrics.port is wrong.')) }],
  ])('passes the reason on when its %s fails', async (_what, core) => {
    const { service: running, sent, reports } = service(core);
    running.receive(START, null);
    await vi.waitFor(() =>
      expect(sent).toEqual([
        { type: 'failed', error: { code: 'usage.bad_setting', message: 'metrics.port is wrong.' } },
      ]),
    );
    expect(reports).toEqual([]);
  });

  it('stops the core once, after its start, and then ends the process', async () => {
    const order: string[] = [];
    let started = () => {};
    const { service: running, exits } = service({
      start: () =>
        new Promise((resolve) => {
          started = () => {
            order.push('started');
            resolve();
          };
        }),
      stop: async () => {
        order.push('stopped');
      },
    });
    running.receive(START, null);
    running.receive({ type: 'stop' }, null);
    const stopped = running.stop();
    expect(order).toEqual([]);
    await vi.waitFor(() => {
      started();
      expect(order[0]).toBe('started');
    });
    await stopped;
    expect(order.filter((step) => step === 'stopped')).toEqual(['stopped']);
    expect(exits).toEqual([0]);
  });

  it('ends the process with an error when the core cannot stop', async () => {
    const { service: running, exits, reports } = service({ stop: () => Promise.reject(new Error('stuck')) });
    running.receive(START, null);
    await running.stop();
    expect(exits).toEqual([1]);
    expect(reports).toEqual(['core.stop']);
  });

  it('lets no window in while it stops', async () => {
    const { service: running } = service({ stop: () => new Promise(() => {}) });
    running.receive(START, null);
    void running.stop();
    const [port, other] = createMemoryPortPair();
    running.receive({ type: 'connect' }, port);
    await expect(createRpcClient(other).call('series.list', {})).rejects.toMatchObject({ code: 'rpc.disconnected' });
  });
});
