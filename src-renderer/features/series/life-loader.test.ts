import { describe, expect, it } from 'vitest';
import { type LifeAnswer, LifeLoader } from './life-loader';

function loader() {
  const calls: {
    symbols: string[];
    signal: AbortSignal;
    answer(only?: string[]): void;
    fail(): void;
  }[] = [];
  let answered = 0;
  const lives = new LifeLoader({
    ask: (symbols, signal) =>
      new Promise<readonly LifeAnswer[]>((resolve, reject) =>
        calls.push({
          symbols,
          signal,
          answer: (only = symbols) =>
            resolve(only.map((symbol) => ({ symbol, life: { first: 1, last: null, source: 'rest' }, failure: null }))),
          fail: () => reject(new Error('away')),
        }),
      ),
    onAnswer: () => answered++,
    sentenceOf: (error) => (error as Error).message,
  });
  return { lives, calls, answered: () => answered };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const names = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `S${from + index}`);

describe('life loader', () => {
  it('asks for a whole screen at once, or for several portions side by side', async () => {
    const { lives, calls } = loader();
    lives.want(names(0, 12));
    expect(calls.map((call) => call.symbols)).toEqual([names(0, 5)]);
    calls[0]!.answer();
    await settled();
    expect(calls.map((call) => call.symbols)).toEqual([names(0, 5), names(5, 10)]);
  });

  it('goes on with rows that were scrolled away', async () => {
    const { lives, calls } = loader();
    lives.want(names(0, 12));
    lives.want(names(100, 103));
    expect(calls[0]!.signal.aborted).toBe(true);
    expect(calls[1]!.symbols).toEqual(names(100, 103));
    calls[0]!.answer();
    calls[1]!.answer();
    await settled();
    expect([...lives.answers.keys()]).toEqual(names(100, 103));
    expect(calls).toHaveLength(2);
  });

  it('gives up a call of which a row is still on screen', () => {
    const { lives, calls } = loader();
    lives.want(names(0, 12));
    lives.want(names(4, 16));
    expect(calls[0]!.signal.aborted).toBe(false);
    expect(calls).toHaveLength(1);
  });

  it('asks for the same symbol again', async () => {
    const { lives, calls } = loader();
    lives.want(['A']);
    calls[0]!.answer();
    await settled();
    lives.want([]);
    lives.want(['A', 'B']);
    expect(calls[1]!.symbols).toEqual(['B']);
  });

  it('asks without end for what failed, or what an answer leaves out', async () => {
    const { lives, calls, answered } = loader();
    lives.want(['A', 'B']);
    calls[0]!.answer(['A']);
    await settled();
    lives.want(['C']);
    calls[1]!.fail();
    await settled();
    expect(calls).toHaveLength(2);
    expect(answered()).toBe(2);
    expect(lives.answers.get('B')?.failure).toMatch(/did not say/);
    expect(lives.answers.get('C')?.failure).toBe('away');
  });

  it('goes on after the dialog was closed', async () => {
    const { lives, calls } = loader();
    lives.want(names(0, 12));
    lives.stop();
    calls[0]!.answer();
    await settled();
    expect(calls[0]!.signal.aborted).toBe(true);
    expect(calls).toHaveLength(1);
  });
});
