import { expect, it, vi } from 'vitest';
import { commandLineBench, tapemend } from './testing';

commandLineBench();

const RANGE = ['--interval', '1h', '--from', '2024-03-01', '--to', '2024-03-03'];

/** Stored bars of the series in each line that was printed. */
function barsOf(out: string): number[] {
  const lines = out.split('\n').filter(Boolean);
  return lines.map((line) => (JSON.parse(line) as { series: [{ bars: number }] }).series[0].bars);
}

it('a watch misses what another command stores, prints the same twice, or ends as if something had failed', async () => {
  await tapemend(['backfill', 'BTCUSDT', ...RANGE.slice(0, 4), '--to', '2024-03-02', '--json']).ended;
  const coverage = tapemend(['coverage', 'BTCUSDT', ...RANGE, '--watch', '1', '--json']);
  const verify = tapemend(['verify', 'BTCUSDT', ...RANGE, '--watch', '1', '--json']);
  const told = () => [coverage, verify].map(({ said }) => barsOf(said.out));
  await vi.waitFor(() => expect(told()).toEqual([[24], [24]]), { timeout: 60_000 });
  expect((await tapemend(['backfill', 'BTCUSDT', ...RANGE, '--json']).ended).code).toBe(0);
  await vi.waitFor(
    () =>
      expect(told()).toEqual([
        [24, 48],
        [24, 48],
      ]),
    { timeout: 60_000 },
  );
  for (const run of [coverage, verify]) run.child.kill('SIGINT');
  for (const run of [coverage, verify]) expect(await run.ended).toMatchObject({ code: 0, err: '' });
}, 240_000);
