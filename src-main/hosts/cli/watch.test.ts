import { AppError } from '@shared/contract';
import { expect, it } from 'vitest';
import { parseCommandLine } from './arguments';
import { watch } from './watch';

/** Watches answers that come one after the other, and ends behind the last. */
async function watched(answers: readonly (string | null | Error)[], json = true): Promise<string[]> {
  const printed: string[] = [];
  const end = new AbortController();
  let next = 0;
  await watch({ everyMs: 0, json, print: (text) => printed.push(text), signal: end.signal }, async () => {
    const answer = answers[next++];
    if (next >= answers.length) end.abort();
    if (answer instanceof Error) throw answer;
    return answer ?? null;
  });
  return printed;
}

const away = new AppError('questdb.unreachable', 'The database is away.');

it('prints the same again, or misses a change back', async () => {
  expect(await watched(['a', 'a', null, 'b', 'b', 'a'])).toEqual(['a', 'b', 'a']);
});

it('people cannot tell one print from the next, or machines get lines that are no JSON', async () => {
  const [first, second] = await watched(['a', 'b'], false);
  expect(first).toBe('a');
  expect(second).toMatch(/^\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\nb$/);
});

it('a database that is started again ends the watch, or one that cannot be had is watched for ever', async () => {
  expect(await watched(['a', away, away, 'b'])).toEqual(['a', 'b']);
  await expect(watched([away, 'a'])).rejects.toBe(away);
  await expect(watched(['a', ...Array.from({ length: 30 }, () => away), 'b'])).rejects.toBe(away);
  await expect(watched(['a', new Error('a bug'), 'b'])).rejects.toThrow('a bug');
});

it('Ctrl+C in the middle of a look is a failure; before anything was shown it is none', async () => {
  expect(await watched(['a', new Error('aborted')])).toEqual(['a']);
  await expect(watched([new Error('aborted')])).rejects.toThrow('aborted');
});

it('takes a symbol for the seconds, or seconds for a symbol', () => {
  const watchOf = (...args: string[]) => {
    const command = parseCommandLine(args);
    if (command.command !== 'coverage' && command.command !== 'verify') throw new Error('another command');
    return [command.watchMs, command.symbols];
  };
  expect(watchOf('coverage', '--watch', 'BTCUSDT')).toEqual([2_000, ['BTCUSDT']]);
  expect(watchOf('coverage', '--watch', '5', 'BTCUSDT')).toEqual([5_000, ['BTCUSDT']]);
  expect(watchOf('verify', 'BTCUSDT', '--watch')).toEqual([2_000, ['BTCUSDT']]);
  expect(watchOf('verify', '--watch=1.5')).toEqual([1_500, []]);
  expect(watchOf('coverage')).toEqual([null, []]);
  for (const seconds of ['0', '0.5', 'soon', '', '100000'])
    expect(() => watchOf('coverage', `--watch=${seconds}`)).toThrow(/--watch is .*1 to 86400/);
  expect(() => parseCommandLine(['status', '--watch'])).toThrow(/--watch/);
});
