import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Receipt } from '@shared/contract';
import { expect, it, vi } from 'vitest';
import { commandLineBench, practice, tapemend, withServer, workspace } from './testing';

const KEY = 'binance:spot:NEWUSDT:aggTrade';
const RANGE = ['--from', '2024-02-05', '--to', '2024-02-20'];
const MINUTES = 15 * 1_440;
const TRADES = ['NEWUSDT', '--kind', 'aggTrade', ...RANGE, '--json'];

commandLineBench({ extraSymbols: [{ symbol: 'NEWUSDT', listedAt: Date.UTC(2024, 1, 1), price: 20, quiet: 0.5 }] });

interface Coverage {
  series: { key: string; bars: number; trades?: number; spans: { verdict: string; bars: number }[]; missing: object }[];
}

async function documentOf<T>(args: readonly string[], expected = 0): Promise<T> {
  const { code, out, err } = await tapemend(args).ended;
  expect([code, err]).toEqual([expected, '']);
  return JSON.parse(out) as T;
}

it('trades are lost with a process that is killed, or fetched again by the next', async () => {
  // How long a page is follows from how much is traded at the hour of the test, so that no count of answers is right for all
  // of them; so slow, the first pages are done long before the last.
  practice.setFaults([{ match: { kind: 'aggTrades' }, effect: 'slow', delayMs: 400 }]);
  const killed = tapemend(['backfill', ...TRADES, '--source', 'rest']);
  await vi.waitFor(
    () => {
      const file = readdirSync(join(workspace, 'jobs')).find((name) => name.endsWith('.progress.json'));
      // Counted once it was read back and entered into the ledger.
      expect(readFileSync(join(workspace, 'jobs', file!), 'utf8')).toMatch(/"barsDone":[1-9]/);
    },
    { timeout: 60_000, interval: 20 },
  );
  killed.child.kill('SIGKILL');
  await killed.ended;
  practice.setFaults([]);

  const receipt = await documentOf<Receipt>(['backfill', ...TRADES, '--source', 'rest']);
  expect(receipt).toMatchObject({
    status: 'complete',
    series: [{ key: KEY, asked: MINUTES, stillMissing: 0, gaps: [] }],
  });
  const { alreadyPresent, stored, trades, table } = receipt.series[0]!;
  expect(alreadyPresent).toBeGreaterThan(0);
  expect(stored).toBeGreaterThan(0);
  expect(alreadyPresent + stored).toBe(MINUTES);
  expect(table).toBe('binance_spot_newusdt_aggtrade');

  // The first two started a database of their own each.
  await withServer(async () => {
    const before = practice.counters().candleRequests;
    const again = await documentOf<Receipt>(['backfill', ...TRADES]);
    expect(again).toMatchObject({ status: 'complete', requests: 0, series: [{ stored: 0 }] });
    expect(practice.counters().candleRequests).toBe(before);

    // Without a symbol: everything that the workspace follows.
    const { series } = await documentOf<Coverage>(['coverage', ...RANGE, '--json']);
    expect(series).toHaveLength(1);
    expect(series[0]).toMatchObject({
      key: KEY,
      bars: MINUTES,
      trades: trades!.stored + trades!.alreadyPresent,
      spans: [{ verdict: 'present', bars: MINUTES }],
      missing: { explained: 0, unexplained: 0 },
    });
  });
}, 240_000);
