import { AppError } from '@shared/contract';
import { expect, it, vi } from 'vitest';
import type { DatabaseMetrics } from '../../metrics';
import { timed, timedBatches } from './database-time';

function recorder() {
  const told: { operation: string; seconds: number; isOk: boolean }[] = [];
  const metrics: DatabaseMetrics = {
    databaseAnswered: (operation, seconds, isOk) => void told.push({ operation, seconds, isOk }),
    rowsWritten() {},
  };
  return { told, metrics };
}

it('an answer is changed, a failure is swallowed, or an absent table looks like a failure', async () => {
  const { told, metrics } = recorder();
  expect(await timed('statement', metrics, async () => 7)).toBe(7);
  const lost = new AppError('questdb.connection_lost', 'away');
  await expect(timed('statement', metrics, () => Promise.reject(lost))).rejects.toBe(lost);
  const absent = new AppError('questdb.no_table', 'absent');
  await expect(timed('read', metrics, () => Promise.reject(absent))).rejects.toBe(absent);
  expect(told.map(({ operation, isOk }) => [operation, isOk])).toEqual([
    ['statement', true],
    ['statement', false],
    ['read', true],
  ]);
  expect(await timed('read', undefined, async () => 7)).toBe(7);
});

it("the consumer's own time counts as the database's", async () => {
  const { told, metrics } = recorder();
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  async function* batches() {
    now += 2_000;
    yield 1;
    now += 3_000;
    yield 2;
  }
  const got: number[] = [];
  for await (const batch of timedBatches(metrics, batches())) {
    got.push(batch);
    now += 60_000;
  }
  clock.mockRestore();
  expect(got).toEqual([1, 2]);
  expect(told.map(({ seconds }) => seconds)).toEqual([2, 3, 0]);
});

it('a consumer that leaves early leaves a query open', async () => {
  let closed = false;
  async function* batches() {
    try {
      for (let batch = 0; ; batch++) yield batch;
    } finally {
      closed = true;
    }
  }
  for await (const batch of timedBatches(recorder().metrics, batches())) if (batch === 2) break;
  expect(closed).toBe(true);
});
