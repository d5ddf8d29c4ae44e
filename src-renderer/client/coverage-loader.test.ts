import type { CoverageReport } from '@shared/contract';
import { describe, expect, it } from 'vitest';
import { CoverageBook } from './coverage-book';
import { CoverageLoader } from './coverage-loader';

const report = (key: string, revision: number): CoverageReport =>
  ({
    key,
    revision,
    range: { from: 0, to: 0 },
    spans: [],
    missing: { explained: 0, unexplained: 0 },
  }) as unknown as CoverageReport;

/** Calls that a test answers by hand. */
function openCalls() {
  const calls: { keys: string[]; answer(reports: CoverageReport[]): void; fail(error: Error): void }[] = [];
  const read = (keys: string[]) =>
    new Promise<readonly CoverageReport[]>((resolve, reject) => calls.push({ keys, answer: resolve, fail: reject }));
  return { calls, read };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('coverage loader', () => {
  it('reads what is on screen last', async () => {
    const { calls, read } = openCalls();
    const loader = new CoverageLoader(new CoverageBook(), read, () => {});
    const keys = Array.from({ length: 100 }, (_, i) => `s${i}`);
    loader.prefer(['s90', 's91']);
    loader.want(keys);
    expect(calls[0]!.keys.slice(0, 2)).toEqual(['s90', 's91']);
    expect(calls).toHaveLength(1);
  });

  it('lets a screenful of the matrix come in parts, or does not say when it is there', async () => {
    const { calls, read } = openCalls();
    const book = new CoverageBook();
    const awaited: boolean[] = [];
    book.subscribe((_, isAwaited) => awaited.push(isAwaited));
    const loader = new CoverageLoader(book, read, () => {});
    const keys = Array.from({ length: 300 }, (_, i) => `s${i}`);
    loader.want(keys);
    // The list is drawn while the first call is under way.
    const screen = keys.slice(20, 160);
    loader.prefer(screen);
    for (let i = 0; i < 3; i++) {
      calls[i]!.answer(calls[i]!.keys.map((key) => report(key, 1)));
      await settled();
    }
    expect(calls[1]!.keys).toEqual(screen.slice(20));
    expect(awaited).toEqual([false, true, false]);
  });

  it('loses a change that comes while the series is being read', async () => {
    const { calls, read } = openCalls();
    const book = new CoverageBook();
    const loader = new CoverageLoader(book, read, () => {});
    loader.want(['a']);
    loader.want(['a']);
    calls[0]!.answer([report('a', 1)]);
    await settled();
    expect(calls).toHaveLength(2);
    calls[1]!.answer([report('a', 2)]);
    await settled();
    expect(book.get('a')?.revision).toBe(2);
  });

  it('takes an answer of a connection that is gone', async () => {
    const { calls, read } = openCalls();
    const book = new CoverageBook();
    const loader = new CoverageLoader(book, read, () => {});
    loader.want(['a']);
    loader.stop();
    calls[0]!.answer([report('a', 1)]);
    await settled();
    expect(book.get('a')).toBeNull();
  });

  it('says nothing of a failure, or stops for good after it', async () => {
    const { calls, read } = openCalls();
    const failures: unknown[] = [];
    const loader = new CoverageLoader(new CoverageBook(), read, (error) => failures.push(error));
    loader.want(['a']);
    calls[0]!.fail(new Error('gone'));
    await settled();
    expect(failures).toHaveLength(1);
    loader.want(['a']);
    expect(calls).toHaveLength(2);
  });
});

describe('coverage book', () => {
  it('lets a late answer replace a newer one', () => {
    const book = new CoverageBook();
    book.put([report('a', 5)]);
    book.put([report('a', 4)]);
    expect(book.get('a')?.revision).toBe(5);
  });
});
