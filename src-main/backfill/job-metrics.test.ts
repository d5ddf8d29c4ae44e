import type { SeriesReceipt } from '@shared/contract';
import { expect, it } from 'vitest';
import { itemCounters, measureItem } from './job-metrics';

const ITEM = { nodeId: 'n', intervalSeconds: 60, to: 1_706_745_600_999 };
const RECEIPT = { stillMissing: 0 } as SeriesReceipt;

function recorder() {
  const told: string[] = [];
  let inProgress = 0;
  return {
    told,
    inProgress: () => inProgress,
    metrics: {
      jobsInProgress: (change: 1 | -1) => {
        inProgress += change;
      },
      lastTimestamp: (nodeId: string, interval: number, ts: number) => told.push(`last ${nodeId} ${interval} ${ts}`),
      retry: (nodeId: string, interval: number) => told.push(`retry ${nodeId} ${interval}`),
      failure: (nodeId: string, interval: number) => told.push(`failure ${nodeId} ${interval}`),
    },
  };
}

it('a success is not told with its asked end in seconds, or is not in progress while it runs', async () => {
  const { metrics, told, inProgress } = recorder();
  const receipt = await measureItem(
    metrics,
    ITEM,
    () => false,
    async () => {
      expect(inProgress()).toBe(1);
      return RECEIPT;
    },
  );
  expect(receipt).toBe(RECEIPT);
  expect([told, inProgress()]).toEqual([['last n 60 1706745600'], 0]);
});

it.each([
  ['bars that are still missing', async () => ({ stillMissing: 3 }) as SeriesReceipt],
  ['no receipt', async () => null],
  [
    'a bug',
    async () => {
      throw new Error('bug');
    },
  ],
])('%s is told as a success, or stays in progress for ever', async (_, run) => {
  const { metrics, told, inProgress } = recorder();
  await measureItem(metrics, ITEM, () => false, run).catch(() => undefined);
  expect([told, inProgress()]).toEqual([['retry n 60', 'failure n 60'], 0]);
});

it.each([async () => RECEIPT, async () => null])('a cancelled one counts as done or failed', async (run) => {
  const { metrics, told, inProgress } = recorder();
  await measureItem(metrics, ITEM, () => true, run);
  expect([told, inProgress()]).toEqual([[], 0]);
});

it("a retry deep inside is lost to the series' count or to the job's tally, or anything else is counted as one", () => {
  const { metrics, told } = recorder();
  const job = { requests: 0, bytes: 0, weight: 0, retries: 4 };
  const counters = itemCounters(metrics, ITEM, job);
  const other = itemCounters(metrics, { ...ITEM, nodeId: 'm' }, job);
  counters.requests += 2;
  counters.bytes += 10;
  counters.retries++;
  other.retries += 2;
  counters.retries++;
  expect(job).toEqual({ requests: 2, bytes: 10, weight: 0, retries: 8 });
  expect(told).toEqual(['retry n 60', 'retry m 60', 'retry m 60', 'retry n 60']);
  expect(counters.retries).toBe(8);
});

it('without metrics a job is anything but as before', async () => {
  const job = { requests: 0, bytes: 0, weight: 0, retries: 0 };
  expect(itemCounters(undefined, ITEM, job)).toBe(job);
  expect(
    await measureItem(
      undefined,
      ITEM,
      () => false,
      async () => RECEIPT,
    ),
  ).toBe(RECEIPT);
});
