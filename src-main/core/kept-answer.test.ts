import { expect, it } from 'vitest';
import { keep, withSignal } from './kept-answer';

it('a caller who goes away takes the answer from the others, or waits for it all the same', async () => {
  let answer: (value: string) => void = () => undefined;
  let asked = 0;
  const ask = () => {
    asked++;
    return new Promise<string>((resolve) => {
      answer = resolve;
    });
  };
  const first = new AbortController();
  const kept = keep(null, ask);
  const leaving = withSignal(kept.value, first.signal);
  const staying = withSignal(keep(kept, ask).value, new AbortController().signal);
  first.abort(new Error('the window was closed'));
  await expect(leaving).rejects.toThrow('the window was closed');
  answer('all symbols');
  expect(await staying).toBe('all symbols');
  expect(asked).toBe(1);
  await expect(withSignal(kept.value, AbortSignal.abort(new Error('gone before')))).rejects.toThrow('gone before');
});

it('a failure is answered again, or an old answer for ever', async () => {
  let now = 0;
  const failing = keep<string>(
    null,
    () => Promise.reject(new Error('away')),
    () => now,
  );
  await expect(failing.value).rejects.toThrow('away');
  const good = keep(
    failing,
    async () => 'one',
    () => now,
  );
  expect(await good.value).toBe('one');
  now += 9 * 60_000;
  expect(
    keep(
      good,
      async () => 'two',
      () => now,
    ),
  ).toBe(good);
  now += 60_000;
  expect(
    await keep(
      good,
      async () => 'two',
      () => now,
    ).value,
  ).toBe('two');
});
