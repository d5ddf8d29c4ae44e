import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutageEntry, OutageProposal } from '@shared/contract';
import type { ExplainedSpan } from '@shared/market';
import { expect, it } from 'vitest';
import { commandLineBench, practice, tapemend, withApp, workspace } from './testing';

const KEY = 'binance:spot:BTCUSDT:1h';
const DAYS = ['--from', '2024-03-04', '--to', '2024-03-07'];
const DAY = ['--from', '2024-03-05', '--to', '2024-03-06'];

commandLineBench();

/** Exit code and the one document of a command with `--json`. */
async function run<T = unknown>(...args: string[]): Promise<[number | null, T]> {
  const { code, out } = await tapemend([...args, '--json']).ended;
  return [code, JSON.parse(out) as T];
}

async function gap(): Promise<ExplainedSpan> {
  const [code, { series }] = await run<{ series: { flat: number; spans: ExplainedSpan[] }[] }>(
    'coverage',
    KEY,
    ...DAYS,
    '--gaps',
  );
  expect([code, series[0]!.flat, series[0]!.spans.length]).toEqual([0, 0, 1]);
  return series[0]!.spans[0]!;
}

it('a stop cannot be taken in, carried elsewhere or a gap accepted by command, or a running app does not hear of it', async () => {
  await withApp(async (app) => {
    const heard: string[] = [];
    app.events.subscribe((name) => heard.push(name));
    practice.setFaults([{ match: { kind: 'klines' }, effect: 'lacks_day', day: '2024-03-05' }]);
    const symbols = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT'];
    expect((await run('backfill', ...symbols, '--interval', '1h', ...DAYS, '--source', 'rest'))[0]).toBe(0);
    expect(await gap()).toMatchObject({
      verdict: 'confirmed_absent',
      proofs: [{ kind: 'asked' }, { kind: 'peers', lacking: 2 }],
    });

    const [, { proposals }] = await run<{ proposals: OutageProposal[] }>('outages');
    expect(proposals).toMatchObject([{ market: 'spot', from: Date.UTC(2024, 2, 5), evidence: { lacking: 3 } }]);
    const { id } = proposals[0]!;
    expect(await run('outages', 'accept', id, '--remark', 'a day off')).toMatchObject([
      0,
      { entry: { id, origin: 'own' } },
    ]);
    expect(await gap()).toMatchObject({
      verdict: 'exchange_outage',
      proofs: [{ kind: 'catalogue', entry: id }, {}, {}],
    });
    await expect.poll(() => heard, { timeout: 20_000 }).toContain('outages.changed');

    const file = join(workspace, 'stops.json');
    expect((await run('outages', 'export', file))[0]).toBe(0);
    expect((await run('outages', 'withdraw', id))[0]).toBe(0);
    expect((await gap()).verdict).toBe('confirmed_absent');
    expect(await run('outages', 'import', file)).toEqual([0, { file, added: 1 }]);
    const [, { entries }] = await run<{ entries: OutageEntry[] }>('outages');
    expect(entries.filter(({ origin }) => origin === 'own')).toMatchObject([{ id, remark: 'a day off' }]);
    writeFileSync(file, readFileSync(file, 'utf8').replace('a day off', 'a day on'));
    expect(await run('outages', 'import', file)).toMatchObject([2, { error: { code: 'usage.bad_outage_file' } }]);

    const claim = ['gaps', 'accept', 'binance:spot:BTCUSDT:5m', ...DAY, '--reason', 'not wanted'];
    expect(await run(...claim)).toMatchObject([0, { bars: 288 }]);
    expect((await run(...claim))[0]).toBe(2);
    const receipt = await run<{ requests: number }>('backfill', 'BTCUSDT', '--interval', '5m', ...DAY);
    expect(receipt).toMatchObject([
      0,
      { status: 'complete_with_explained_gaps', series: [{ gaps: [{ proofs: [{ kind: 'accepted' }] }] }] },
    ]);
    expect(await run('gaps', 'withdraw', 'binance:spot:BTCUSDT:5m', ...DAY)).toMatchObject([0, { bars: 288 }]);
  });
});
