import { AppError } from '@shared/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { RetryBudget, type RetryOptions } from './retry-budget';

const away = () => new AppError('exchange.unreachable', 'No way to the exchange.');
const refusal = () => new AppError('exchange.refused', 'The exchange refuses this.');
const never = new AbortController().signal;

let now: number;
let retries: string[];
beforeEach(() => {
  now = 0;
  retries = [];
});

function budget(options: Partial<RetryOptions> = {}): RetryBudget {
  return new RetryBudget({
    patient: true,
    now: () => now,
    random: () => 0.5,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      await Promise.resolve();
      now += ms;
    },
    onRetry: (reason) => retries.push(reason),
    onWaiting: () => {},
    ...options,
  });
}

/** Fails until the clock shows `until`. */
function awayUntil(until: number): { tries: number; work: () => Promise<string> } {
  const state = {
    tries: 0,
    work: async () => {
      state.tries++;
      if (now < until) throw away();
      return 'done';
    },
  };
  return state;
}

describe('with patience', () => {
  it('a job gives up, or hammers, an exchange that is away for an hour', async () => {
    const { health } = budget();
    const source = awayUntil(3_600_000);
    expect(await health.persist('rest:spot', never, isAway, source.work)).toBe('done');
    // 5, 10, 20, 40 seconds, then once a minute.
    expect(source.tries).toBeGreaterThan(55);
    expect(source.tries).toBeLessThan(70);
    expect(health.waiting).toBeNull();
  });

  it('every page asks an exchange that is away, instead of one for all', async () => {
    const retry = budget();
    const source = awayUntil(600_000);
    await Promise.all(Array.from({ length: 20 }, () => retry.page('rest:spot', never, source.work)));
    expect(source.tries).toBeLessThan(20 + 20 + 20);
  });

  it('what is waited for is not said, or not for how long', async () => {
    const said: (string | null)[] = [];
    const retry: RetryBudget = budget({ onWaiting: () => said.push(retry.health.waiting) });
    await retry.page('rest:spot', never, awayUntil(1).work);
    expect(said).toEqual(['exchange unreachable, next try in 5 s: No way to the exchange.', null]);
  });

  it('a page that always fails keeps a job alive whose exchange answers everything else', async () => {
    const retry = budget({ answers: async () => true });
    await expect(retry.page('rest:spot', never, async () => Promise.reject(away()))).rejects.toMatchObject({
      code: 'exchange.unreachable',
    });
    expect(now).toBeGreaterThan(120_000);
  });

  it('what will never succeed is tried again', async () => {
    let tries = 0;
    const work = async () => {
      tries++;
      throw refusal();
    };
    await expect(budget().page('rest:spot', never, work)).rejects.toMatchObject({ code: 'exchange.refused' });
    expect(tries).toBe(1);
  });

  it('an archive that is away is waited for longer than asked, or by each file anew', async () => {
    const retry = budget();
    const file = () => retry.page('archive', never, awayUntil(1e12).work, 120_000);
    await expect(file()).rejects.toMatchObject({ code: 'exchange.unreachable' });
    expect(now).toBeLessThan(240_000);
    const before = now;
    await expect(file()).rejects.toMatchObject({ code: 'exchange.unreachable' });
    expect(now).toBe(before);
  });

  it('a database that is away for minutes ends the job', async () => {
    const retry = budget();
    const work = async () => {
      if (now < 300_000) throw new AppError('questdb.unreachable', 'No database.');
      return 'stored';
    };
    expect(await retry.database(never, work)).toBe('stored');
    expect(retries).toContain('No database.');
  });

  it('cancelling does not end the waiting', async () => {
    const aborting = new AbortController();
    const retry = budget({
      sleep: async (_ms, signal) => {
        aborting.abort(new Error('cancelled'));
        signal.throwIfAborted();
      },
    });
    await expect(retry.page('rest:spot', aborting.signal, awayUntil(1e9).work)).rejects.toThrow('cancelled');
  });
});

describe('without patience', () => {
  it('three pages in a row that cannot reach the exchange are not enough, or one success between them does not count', async () => {
    const retry = budget({ patient: false });
    const fail = () => retry.noteGivenUp(away());
    fail();
    fail();
    await retry.page('rest:spot', never, async () => 'done');
    fail();
    fail();
    expect(retry.gaveUp).toBe(false);
    fail();
    expect(retry.gaveUp).toBe(true);
    expect(retry.unreachable?.code).toBe('exchange.unreachable');
  });

  it('a full disk is met three times before the job ends', () => {
    const retry = budget({ patient: false });
    retry.noteGivenUp(new AppError('questdb.disk_full', 'Full.'));
    expect(retry.gaveUp).toBe(true);
  });

  it('a sleep of the machine looks like an exchange that is away', async () => {
    const retry = budget({ patient: false });
    retry.beat();
    let tries = 0;
    const result = await retry.page('rest:spot', never, async () => {
      // The lid is closed for an hour while the request is under way; the network needs twelve seconds to come back.
      if (++tries === 1) now += 3_600_000;
      if (now < 3_600_000 + 12_000) throw away();
      return 'done';
    });
    expect(result).toBe('done');
    expect(tries).toBe(4);
    // Much later the same failure counts.
    retry.beat();
    for (let second = 0; second < 120; second++) {
      now += 1_000;
      retry.beat();
    }
    await expect(retry.page('rest:spot', never, awayUntil(1e12).work)).rejects.toMatchObject({
      code: 'exchange.unreachable',
    });
  });
});

function isAway(error: unknown): error is AppError {
  return error instanceof AppError;
}
