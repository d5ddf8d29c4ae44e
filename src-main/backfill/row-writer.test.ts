import { expect, it, vi } from 'vitest';
import { RowWriter } from './row-writer';
import { Slots } from './slots';

const text = (body: Uint8Array): string => Buffer.from(body).toString();
const body = (letter: string, bytes = 1): Uint8Array => Buffer.alloc(bytes, letter);

function open(signal = new AbortController().signal, send: (sent: Uint8Array) => Promise<void> = async () => {}) {
  const sent: string[] = [];
  const gates: (() => void)[] = [];
  const writer = {
    async writeLines(parts: Uint8Array | readonly Uint8Array[]) {
      const lines = parts instanceof Uint8Array ? parts : Buffer.concat(parts);
      sent.push(text(lines));
      await new Promise<void>((resolve) => gates.push(resolve));
      await send(lines);
    },
  };
  const rows = new RowWriter(writer, new Slots(2), () => 0, signal);
  const turn = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    gates.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { rows, sent, turn };
}

it('every page is a request of its own, or a lone page waits for others', async () => {
  const { rows, sent, turn } = open();
  const pages = ['a', 'b', 'c', 'd', 'e'].map((letter) => rows.write([body(letter)]));
  await turn();
  await turn();
  await turn();
  await Promise.all(pages);
  // What came while all connections were taken goes together.
  expect(sent.join('|').length).toBeLessThan('a|b|c|d|e'.length);
  expect([...sent.join('')].sort().join('')).toBe('abcde');
});

it('large bodies go together, or a request grows without bound', async () => {
  const { rows, sent, turn } = open();
  const large = 3 * 1024 * 1024;
  const pages = ['a', 'b', 'c'].map((letter) => rows.write([body(letter, large), body(letter)]));
  for (let i = 0; i < 8; i++) await turn();
  await Promise.all(pages);
  expect(sent.filter((lines) => lines.length === large)).toHaveLength(3);
  expect(Math.max(...sent.map((lines) => lines.length))).toBe(large);
});

it('a page whose rows were refused is told stored, or drags pages of later requests along', async () => {
  let refused = false;
  const { rows, turn } = open(undefined, async () => {
    if (refused) return;
    refused = true;
    throw new Error('refused');
  });
  const first = expect(rows.write([body('a')])).rejects.toThrow('refused');
  await turn();
  await first;
  const second = rows.write([body('b')]);
  await turn();
  await second;
});

it('pages that wait when the job is cancelled wait for ever', async () => {
  const aborting = new AbortController();
  const rows = new RowWriter({ writeLines: async () => {} }, new Slots(0.5), () => 0, aborting.signal);
  const blocked = new Slots(1);
  const giveBack = await blocked.take(1, 0, new AbortController().signal);
  const waiting = new RowWriter({ writeLines: async () => {} }, blocked, () => 0, aborting.signal);
  const pages = ['a', 'b', 'c'].map((letter) => expect(waiting.write([body(letter)])).rejects.toThrow('cancelled'));
  aborting.abort(new Error('cancelled'));
  await Promise.all(pages);
  giveBack();
  await expect(rows.write([])).resolves.toBeUndefined();
});

it('rows do not wait for those that are announced, or wait on when these will not come', async () => {
  const { rows, sent, turn } = open();
  const arrivals = [rows.announce(), rows.announce()];
  const first = rows.write([body('a')]);
  arrivals.pop()!();
  await turn();
  expect(sent).toEqual([]);
  const second = rows.write([body('b')]);
  arrivals.pop()!();
  await turn();
  expect(sent).toEqual(['ab']);
  await Promise.all([first, second]);
  const failing = rows.announce();
  const third = rows.write([body('c')]);
  await turn();
  failing();
  await turn();
  expect(sent).toEqual(['ab', 'c']);
  await third;
});

it('announced rows that are long in coming keep others back for good, or enough rows wait for more', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { rows, sent, turn } = open();
    rows.announce();
    const page = rows.write([body('a')]);
    await turn();
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1_000);
    await turn();
    expect(sent).toEqual(['a']);
    await page;
    const next = rows.write([body('b')]);
    await turn();
    expect(sent).toEqual(['a']);
    const many = rows.write([body('c', 4 * 1024 * 1024)]);
    for (let i = 0; i < 4; i++) await turn();
    await Promise.all([next, many]);
  } finally {
    vi.useRealTimers();
  }
});
