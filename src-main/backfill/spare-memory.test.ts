import { expect, it } from 'vitest';
import { SpareMemory } from './spare-memory';

it('would take fresh memory for every month, or lend the same memory twice', () => {
  const spare = new SpareMemory();
  const february = spare.take(40_320 * 231);
  spare.give([february]);
  const march = spare.take(44_640 * 231);
  expect(march).toBe(february);
  expect(spare.take(44_640 * 231)).not.toBe(march);
});

it('would lend too little memory, or keep more and more of it', () => {
  const spare = new SpareMemory();
  const small = spare.take(100);
  spare.give([small, ...Array.from({ length: 20 }, () => new SharedArrayBuffer(8 * 1024 * 1024))]);
  const taken = Array.from({ length: 20 }, () => spare.take(5_000_000));
  expect(taken.filter((buffer) => buffer.byteLength === 8 * 1024 * 1024)).toHaveLength(4);
  expect(taken.every((buffer) => buffer.byteLength >= 5_000_000)).toBe(true);
});

it('would take fresh columns for every file, or lend the same ones to two files at a time', () => {
  const spare = new SpareMemory();
  const first = spare.takeColumns(1_440);
  const second = spare.takeColumns(1_440);
  expect(second === first).toBe(false);
  spare.giveColumns(first);
  expect(spare.takeColumns(44_640) === first).toBe(true);
});

it('would lend columns that are too short, or that still claim their last candles', () => {
  const spare = new SpareMemory();
  const small = spare.takeColumns(1);
  small.rows = 1;
  spare.giveColumns(small);
  expect(spare.takeColumns(1).rows).toBe(0);
  spare.giveColumns(small);
  expect(spare.takeColumns(100_000).openTime.length).toBeGreaterThanOrEqual(100_000);
});
