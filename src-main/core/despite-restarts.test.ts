import { AppError } from '@shared/contract';
import { expect, it } from 'vitest';
import { despiteRestarts } from './despite-restarts';

function failing(times: number, code: AppError['code']): { work: () => Promise<string>; tries: () => number } {
  let tries = 0;
  return {
    work: async () => {
      if (++tries <= times) throw new AppError(code, 'Gone.');
      return 'done';
    },
    tries: () => tries,
  };
}

const outcomeOf = (work: () => Promise<string>, signal?: AbortSignal): Promise<string> =>
  despiteRestarts(work, signal, async () => undefined).catch((error: AppError) => error.code);

it('a start fails because the database was ending, or is tried for ever when it stays away', async () => {
  expect(await outcomeOf(failing(3, 'questdb.connection_lost').work)).toBe('done');
  const away = failing(100, 'questdb.not_running');
  expect(await outcomeOf(away.work)).toBe('questdb.not_running');
  expect(away.tries()).toBe(6);
});

it('what no restart mends is tried again, or a program that ends is kept waiting', async () => {
  const wrong = failing(1, 'questdb.password');
  expect([await outcomeOf(wrong.work), wrong.tries()]).toEqual(['questdb.password', 1]);
  const ended = failing(9, 'questdb.connection_lost');
  expect([await outcomeOf(ended.work, AbortSignal.abort()), ended.tries()]).toEqual(['questdb.connection_lost', 1]);
});

it('a start with thousands of tables fails because the database is still looking into them', async () => {
  expect(await outcomeOf(failing(12, 'questdb.file_limit').work)).toBe('done');
});
