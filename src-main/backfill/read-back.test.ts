import { candleSeries, gridOf, MINUTE_MS, type Range } from '@shared/market';
import { beforeEach, expect, it } from 'vitest';
import type { LedgerEntry } from '../questdb';
import { CandleProof, type WrittenPage } from './page-proof';
import { ReadBack, type ReadBackOptions } from './read-back';

const SERIES = candleSeries('BTCUSDT', '1m');
const minutes = (from: number, to: number): Range => ({ from: from * MINUTE_MS, to: to * MINUTE_MS });

let present: Range[];
let noted: Range[];
let ledger: string[];
let bars: number;
let questions: string[];
let settling: () => Promise<void>;

beforeEach(() => {
  present = [];
  noted = [];
  ledger = [];
  bars = 0;
  questions = [];
  settling = async () => {};
});

function open(more: Partial<ReadBackOptions> = {}): ReadBack {
  return new ReadBack({
    series: SERIES,
    proof: new CandleProof(
      SERIES,
      gridOf('1m'),
      {
        async settle() {
          questions.push('settle');
          await settling();
        },
        async presentAmong(_series, _grid, runs) {
          questions.push(runs.map((run) => `present ${run.from / MINUTE_MS} to ${run.to / MINUTE_MS}`).join(', '));
          return { present, flat: 0 };
        },
      },
      { noteStored: async (_series, { bars: stored }) => void noted.push(...stored) },
    ),
    coverage: {
      recordAnswers: async (entries) => void ledger.push(...entries.map((entry) => entry.evidence)),
    },
    onBars: (done) => {
      bars += done;
    },
    patiently: (action) => action(),
    ...more,
  });
}

function page(from: number, to: number): WrittenPage {
  const entry = { evidence: `${from} to ${to}` } as LedgerEntry;
  return { filled: [minutes(from, to)], bars: to - from, entry };
}

it('several pages are proven by one look at the table', async () => {
  present = [minutes(0, 30)];
  const readBack = open();
  for (let i = 0; i < 3; i++) readBack.add(page(i * 10, i * 10 + 10));
  await readBack.drain();
  expect(questions).toEqual(['settle', 'present 0 to 30']);
  expect(ledger).toEqual(['0 to 10', '10 to 20', '20 to 30']);
  expect(bars).toBe(30);
});

it('a page of which one row was lost is neither noted nor answered for, however many rows lie around it', async () => {
  // As many rows as were acknowledged are there, but minute 14 is not: a count would not see it.
  present = [minutes(-1, 14), minutes(15, 30)];
  const readBack = open();
  for (let i = 0; i < 3; i++) readBack.add(page(i * 10, i * 10 + 10));
  await expect(readBack.drain()).rejects.toMatchObject({
    code: 'questdb.rows_missing',
    message: /of which 1 cannot be read back/,
  });
  expect(ledger).toEqual(['0 to 10', '20 to 30']);
  expect(noted).toEqual([minutes(0, 10), minutes(20, 30)]);
  expect(bars).toBe(20);
});

it('an answer without any candle is remembered without asking the database', async () => {
  const readBack = open();
  readBack.add({ ...page(0, 10), filled: [] });
  await readBack.drain();
  expect(questions).toEqual([]);
  expect(ledger).toEqual(['0 to 10']);
});

it('a failure ends neither the pages behind it nor in silence, and is told once', async () => {
  present = [minutes(0, 400)];
  const readBack = open();
  settling = async () => {
    settling = async () => {};
    throw new Error('the database is away');
  };
  for (let i = 0; i < 34; i++) readBack.add(page(i * 10, i * 10 + 10));
  await expect(readBack.drain()).rejects.toThrow('the database is away');
  expect(ledger).toEqual(['320 to 330', '330 to 340']);
  await readBack.drain();
});

it('a failed proof is not laid on the page that comes next', async () => {
  present = [minutes(0, 1)];
  const readBack = open();
  for (let i = 0; i < 32; i++) readBack.add(page(i, i + 1));
  await new Promise((done) => setImmediate(done));
  present = [minutes(40, 41)];
  readBack.add(page(40, 41));
  await expect(readBack.drain()).rejects.toMatchObject({ code: 'questdb.rows_missing' });
  expect(ledger).toEqual(['0 to 1', '40 to 41']);
});
