import { expect, it } from 'vitest';
import { commandLineBench, tapemend, withServer } from './testing';

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
