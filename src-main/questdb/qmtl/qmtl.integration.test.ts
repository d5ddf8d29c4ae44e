import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BoundStream, DataFetcher, HistoryRow, SecondRange } from '../../dag';
import { startTestDatabase, type TestDatabase } from '../testing';
import { QuestDBLoader } from './quest-db-loader';
import { QuestDBRecorder } from './quest-db-recorder';

const VECTORS = resolve(import.meta.dirname, '../../../../shared/facts/qmtl-vectors.json');
const query = { nodeId: 'n', interval: 60 };

let db: TestDatabase;
let tables = 0;
beforeAll(async () => {
  db = await startTestDatabase();
});
afterAll(() => db.close());

const freshTable = () => `history_${++tables}`;

async function store(table: string, times: readonly number[], interval = 60): Promise<void> {
  const recorder = new QuestDBRecorder(db.address, { table });
  await Promise.all(times.map((ts) => recorder.persist('n', interval, ts, { open: ts / 3 })));
  await recorder.flush();
  await recorder.close();
}

function fetcherOf(rows: readonly HistoryRow[]): DataFetcher & { calls: SecondRange[] } {
  const calls: SecondRange[] = [];
  return {
    calls,
    fetch: (start, end) => {
      calls.push([start, end]);
      return Promise.resolve([...rows]);
    },
  };
}

async function withLoader<T>(
  table: string | undefined,
  fetcher: DataFetcher | undefined,
  work: (loader: QuestDBLoader) => Promise<T>,
): Promise<T> {
  const loader = new QuestDBLoader(db.address, { table, fetcher });
  try {
    return await work(loader);
  } finally {
    await loader.close();
  }
}

describe('loader and recorder', () => {
  it('would not use the stream they are bound to as table, or use it against an explicit one', async () => {
    const nodeId = '2f70e1731d97253fcb8f282502256f344e316ee72ed40763cd193f83c204d97b';
    const stream: BoundStream = { nodeId, interval: 60, config: {} };
    const bound: unknown[] = [];
    const fetcher = { ...fetcherOf([]), bindStream: (each: BoundStream) => bound.push(each) };
    const recorder = new QuestDBRecorder(db.address);
    expect(() => recorder.table).toThrow(/no stream is bound/);
    recorder.bindStream(stream);
    await recorder.persist(nodeId, 60, 120, { open: 1.5, trades: 3 });
    await recorder.flush();
    await recorder.close();
    await withLoader(undefined, fetcher, async (loader) => {
      loader.bindStream(stream);
      expect(loader.table).toBe(nodeId);
      expect(await loader.fetch(0, 180, { nodeId, interval: 60 })).toEqual([
        expect.objectContaining({
          ts: 120,
          node_id: nodeId,
          interval: 60,
          open: 1.5,
          trades: 3,
          close: null,
          timestamp: 120_000,
        }),
      ]);
    });
    expect(bound).toEqual([stream]);
    await withLoader('explicit', undefined, async (loader) => {
      loader.bindStream(stream);
      expect(loader.table).toBe('explicit');
    });
    await withLoader(undefined, undefined, (loader) =>
      expect(loader.coverage(query)).rejects.toThrow(/no stream is bound/),
    );
  });

  it('would read the bar at the end, miss the one at the start, or another stream', async () => {
    const table = freshTable();
    await store(table, [60, 120, 180, 240]);
    await store(table, [120], 300);
    await withLoader(table, undefined, async (loader) => {
      expect((await loader.fetch(60, 180, query)).map(({ ts }) => ts)).toEqual([60, 120]);
      expect(await loader.fetch(0, 600, { nodeId: 'other', interval: 60 })).toEqual([]);
      const opens: number[] = [];
      for await (const { openTime, open, rows } of loader.stream(60, 240, query)) {
        opens.push(...openTime.subarray(0, rows));
        expect(open[1]).toBe(40);
      }
      expect(opens).toEqual([60_000, 120_000, 180_000]);
    });
  });

  it('would fail on, or change, a table of another shape', async () => {
    const table = freshTable();
    await db.store.query(`CREATE TABLE ${table} (node_id VARCHAR, interval LONG, ts INT, close DOUBLE, note VARCHAR)`);
    await db.store.query(
      `INSERT INTO ${table} VALUES ('n', 60, 59, 1.5, 'a'), ('n', 60, 119, 2.5, 'b'), ('n', 60, 119, 2.5, 'b')`,
    );
    await withLoader(table, undefined, async (loader) => {
      expect(await loader.coverage(query)).toEqual([
        [59, 119],
        [119, 119],
      ]);
      const closes: number[] = [];
      for await (const { close, open, rows } of loader.stream(0, 600, query)) {
        closes.push(...close.subarray(0, rows));
        expect(open[0]).toBeNaN();
      }
      expect(closes).toEqual([1.5, 2.5, 2.5]);
    });
  });

  it.skipIf(!existsSync(VECTORS))('would find other runs than QMTL does', async () => {
    const { coverage_runs: vectors } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
      coverage_runs: { data: { stored_ts: number[]; interval: number; coverage: SecondRange[] }[] };
    };
    // Our tables hold one row per time, so the vectors with repeated times cannot come about in them.
    const cases = vectors.data.filter(({ stored_ts: times }) => new Set(times).size === times.length);
    expect(cases.length).toBeGreaterThan(5);
    const table = freshTable();
    for (const [index, { stored_ts: times, interval, coverage }] of cases.entries()) {
      const nodeId = `case-${index}`;
      const recorder = new QuestDBRecorder(db.address, { table });
      await Promise.all(times.map((ts) => recorder.persist(nodeId, interval, ts, { open: 1 })));
      await recorder.flush();
      await recorder.close();
      const found = await withLoader(table, undefined, (loader) => loader.coverage({ nodeId, interval }));
      expect(found, `case ${index}`).toEqual(coverage);
    }
  });

  it.skipIf(!existsSync(VECTORS))('would fill other bars than QMTL asks for, or rows outside the gap', async () => {
    interface Case {
      name: string;
      stored_ts: number[];
      fetcher_rows: { ts: number; v: number }[];
      start: number;
      end: number;
      error?: unknown;
      newer: { fetcher_calls: SecondRange[]; inserted: [number, number[]][]; coverage_after: SecondRange[] };
    }
    const { fill_missing: vectors } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { fill_missing: { data: Case[] } };
    for (const { name, stored_ts: times, fetcher_rows: answer, start, end, error, newer } of vectors.data) {
      const table = freshTable();
      await store(table, times);
      const fetcher = fetcherOf(answer.map(({ ts, v }) => ({ ts, open: v })));
      await withLoader(table, error ? undefined : fetcher, async (loader) => {
        const filling = loader.fillMissing(start, end, query);
        if (error) return expect(filling, name).rejects.toMatchObject({ code: 'usage.no_fetcher' });
        await filling;
        expect(fetcher.calls, name).toEqual(newer.fetcher_calls);
        expect(await loader.coverage(query), name).toEqual(newer.coverage_after);
        const added = (await loader.fetch(start, end + 1, query)).filter(({ ts }) => !times.includes(ts));
        const once = new Map([...newer.inserted].reverse().map(([ts, [value]]) => [ts, value]));
        expect(
          added.map(({ ts, open }) => [ts, open]),
          name,
        ).toEqual([...once].sort((a, b) => a[0] - b[0]));
      });
    }
  });

  it('would ask for bars that are stored, or stop at a gap that stays empty', async () => {
    const table = freshTable();
    await store(table, [120, 300]);
    const fetcher = fetcherOf([60, 120, 180, 360].map((ts) => ({ ts, open: 7 })));
    await withLoader(table, fetcher, async (loader) => {
      await loader.fillMissing(0, 360, query);
      expect(fetcher.calls).toEqual([
        [0, 60],
        [180, 240],
        [360, 360],
      ]);
      expect(await loader.coverage(query)).toEqual([
        [60, 180],
        [300, 360],
      ]);
      expect((await loader.fetch(120, 121, query))[0]?.open).toBe(40);
    });
  });

  it('would lose good events beside a bad one, or hide the bad one', async () => {
    const table = freshTable();
    const recorder = new QuestDBRecorder(db.address, { table });
    const events = Array.from({ length: 40 }, (_, i) =>
      recorder.persist('n', 60, i * 60, i === 17 ? { nonsense: 1 } : { open: i }).then(
        () => 'stored',
        (error: { code: string }) => error.code,
      ),
    );
    const outcomes = await Promise.all(events);
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(39);
    expect(outcomes[17]).toBe('questdb.bad_lines');
    await expect(recorder.persist('n', 60, 60, { open: '1.5' })).rejects.toMatchObject({ code: 'usage.bad_payload' });
    await recorder.persist('n', 60, 0, { open: 99 });
    await recorder.flush();
    await recorder.close();
    await withLoader(table, undefined, async (loader) => {
      expect(await loader.coverage(query)).toEqual([
        [0, 16 * 60],
        [18 * 60, 39 * 60],
      ]);
      expect((await loader.fetch(0, 60, query)).map(({ open }) => open)).toEqual([99]);
    });
  });
});
