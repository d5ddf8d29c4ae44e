import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandLineBench, tapemend, withServer, workspace } from './testing';

commandLineBench();

const DAY = ['--from', '2024-01-02', '--to', '2024-01-03'];

it('an audit of sound rows ends with another code than 0, or of an empty workspace without a word', async () => {
  await withServer(async () => {
    const none = await tapemend(['verify', '--json']).ended;
    expect(none.code).toBe(2);
    expect(none.err).toContain('No series of this workspace fits');

    await tapemend(['backfill', 'BTCUSDT', '--interval', '1m,1h', ...DAY, '--json']).ended;
    const itself = await tapemend(['verify', 'BTCUSDT', ...DAY, '--json']).ended;
    expect(itself.code).toBe(0);
    expect(JSON.parse(itself.out)).toMatchObject({
      status: 'sound',
      against: null,
      series: [
        { key: 'binance:spot:BTCUSDT:1m', bars: 1_440, compared: 1_440, faults: 0 },
        { key: 'binance:spot:BTCUSDT:1h', bars: 24, compared: 24, faults: 0 },
      ],
    });

    const mistyped = await tapemend(['verify', 'BTCUSTD', '--interval', '1m']).ended;
    expect([mistyped.code, mistyped.out]).toEqual([2, '']);
    expect(mistyped.err).toContain('no series binance:spot:BTCUSTD:1m');

    const intervals = await tapemend(['verify', 'BTCUSDT', '--against', 'intervals', ...DAY]).ended;
    expect(intervals.code).toBe(0);
    expect(intervals.out).toContain('BTCUSDT 1h: 24 bars');
    expect(intervals.out).toContain('2 series audited');
  });
}, 300_000);

it('candles that somebody has made up stay, when a command fetches them again, or it does not say what it deleted', async () => {
  await withServer(async () => {
    // Entry 21 of the outage catalogue: 02:00 to 02:59.
    const minutes = Array.from(
      { length: 60 },
      (_, minute) => `2020-02-09 02:${String(minute).padStart(2, '0')},9000,9000,9000,9000,0`,
    );
    const file = join(workspace, 'filled.csv');
    writeFileSync(file, ['timestamp,open,high,low,close,volume', ...minutes, ''].join('\n'));
    expect((await tapemend(['adopt', file, 'BTCUSDT', '--interval', '1m']).ended).code).toBe(0);
    const audit = await tapemend(['verify', 'BTCUSDT', '--json']).ended;
    expect(audit.code).toBe(1);
    const listed = JSON.parse((await tapemend(['findings', '--json']).ended).out) as {
      findings: { id: string; kind: string }[];
    };
    expect(listed.findings.map(({ kind }) => kind)).toEqual(['filled_candle']);
    const again = await tapemend(['findings', 'refetch', listed.findings[0]!.id]).ended;
    expect(again.code).toBe(0);
    expect(again.out).toContain('0 added, 0 changed, 60 deleted, which REST does not have.');
    expect((await tapemend(['verify', 'BTCUSDT']).ended).code).toBe(0);
  });
}, 300_000);
