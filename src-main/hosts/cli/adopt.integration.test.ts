import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AdoptionReport, ForeignCandles } from '@shared/contract';
import { expect, it } from 'vitest';
import { commandLineBench, tapemend, withApp, workspace } from './testing';

commandLineBench();

const KEY = 'binance:spot:BTCUSDT:1h';
const DAY = ['--from', '2024-01-02', '--to', '2024-01-03'];

async function run<T = unknown>(...args: string[]): Promise<[number | null, T]> {
  const { code, out } = await tapemend([...args, '--json']).ended;
  return [code, JSON.parse(out) as T];
}

it('a file of candles cannot be adopted by command, is not counted as stored, or cannot be taken back', async () => {
  // Holds the database for all commands.
  await withApp(async (app) => {
    const rows = Array.from(
      { length: 24 },
      (_, hour) => `2024-01-02 ${String(hour).padStart(2, '0')}:00,1,3,0.5,2,${hour}`,
    );
    const file = join(workspace, 'candles.csv');
    writeFileSync(file, ['timestamp,open,high,low,close,volume', ...rows].join('\n'));

    const [code, report] = await run<AdoptionReport>('adopt', file, 'BTCUSDT', '--interval', '1h');
    expect([code, report]).toMatchObject([
      0,
      { key: KEY, rows: 24, adopted: 24, flat: 1, origin: 'the file candles.csv' },
    ]);
    const [, coverage] = await run<{ series: object[] }>('coverage', KEY, ...DAY);
    const provenance = [{ source: 'adopted', file: 'candles.csv', job: report.jobId, request: null }];
    expect(coverage.series).toMatchObject([{ bars: 24, missing: { explained: 0, unexplained: 0 }, provenance }]);

    writeFileSync(file, ['timestamp,open,high,low,close,volume', ...rows, '2024-01-03 00:00,1,0.9,0.5,2,1'].join('\n'));
    const again = await tapemend(['adopt', file, KEY]).ended;
    expect([again.code, again.out]).toEqual([1, expect.stringContaining('Nothing was adopted')]);
    expect(again.out).toContain('left out: 24 whose bars were stored before, 1 that cannot be candles');

    expect(await run('undo', report.jobId!)).toMatchObject([0, { series: [{ key: KEY, removed: 24 }] }]);
    const unknown = await tapemend(['adopt', file, 'BTCUSTD', '--interval', '1h']).ended;
    expect([unknown.code, unknown.out]).toEqual([2, '']);
    expect(unknown.err).toContain('BTCUSTD');

    const { store } = (await app.ready()).services;
    await store.query(
      'CREATE TABLE ethusdt_1h (t TIMESTAMP, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, volume DOUBLE) TIMESTAMP(t) PARTITION BY YEAR WAL',
    );
    await store.query(`INSERT INTO ethusdt_1h VALUES ('2024-01-02T00:00:00Z', 1, 3, 0.5, 2, 5)`);
    await store.settleTable('ethusdt_1h');
    const guess = 'binance:spot:ETHUSDT:1h';
    expect((await run<{ tables: ForeignCandles[] }>('adopt', '--list'))[1].tables).toMatchObject([
      { table: 'ethusdt_1h', rows: 1 },
    ]);
    await store.query(
      'CREATE TABLE no_volume (t TIMESTAMP, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE) TIMESTAMP(t)',
    );
    const listed = (await tapemend(['adopt']).ended).out;
    expect(listed).toContain('tapemend adopt ethusdt_1h');
    expect(listed).toContain('no_volume  cannot be adopted. It has no column volume;');
    expect(await run('adopt', 'ethusdt_1h', guess)).toMatchObject([0, { key: guess, adopted: 1 }]);
  });
}, 300_000);
