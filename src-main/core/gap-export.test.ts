import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { intersectRanges, type Range, type Verdict } from '@shared/market';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { exportGaps } from './gap-export';

const KEY = 'binance:spot:BTCUSDT:1m';
const DAY = Date.UTC(2021, 1, 17);
const MINUTE = 60_000;
const NOW = Date.UTC(2024, 0, 2, 3, 4, 5);

const known: { from: number; to: number; verdict: Verdict; evidence: string[]; nextTry?: number }[] = [
  {
    from: DAY,
    to: DAY + 2 * MINUTE,
    verdict: 'unexplained',
    evidence: ['The archive, verified, lacks it.', 'So "it" is.'],
  },
  {
    from: DAY + 9 * MINUTE,
    to: DAY + 10 * MINUTE,
    verdict: 'fetch_failed',
    evidence: ['=HYPERLINK(1)'],
    nextTry: NOW + 55_000,
  },
  { from: DAY + 20 * MINUTE, to: DAY + 21 * MINUTE, verdict: 'exchange_outage', evidence: ['Outage 5'] },
];
const coverage = {
  gaps: async (_series: unknown, range: Range) =>
    known
      .filter((gap) => intersectRanges([gap], [range]).length > 0)
      .map((gap) => ({ ...gap, bars: (gap.to - gap.from) / MINUTE })),
};

let workspace: string;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'tapemend-export-'));
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const all = { from: DAY, to: DAY + 86_400_000 };

it('a quote or a comma in the evidence shifts the columns, or a spreadsheet runs what a server has answered', async () => {
  const verdicts: Verdict[] = ['unexplained', 'fetch_failed'];
  const done = await exportGaps(coverage, workspace, { items: [{ key: KEY, range: all }], verdicts }, NOW);
  expect(done).toEqual({ path: join(workspace, 'exports', 'gaps-2024-01-02T030405Z.csv'), gaps: 2 });
  expect(readFileSync(done.path, 'utf8').split('\r\n')).toEqual([
    'market,symbol,interval,from,to,bars,verdict,tried,next_try,evidence',
    'spot,BTCUSDT,1m,2021-02-17T00:00:00.000Z,2021-02-17T00:02:00.000Z,2,unexplained,0,,"The archive, verified, lacks it. So ""it"" is."',
    "spot,BTCUSDT,1m,2021-02-17T00:09:00.000Z,2021-02-17T00:10:00.000Z,1,fetch_failed,0,2024-01-02T03:05:00.000Z,'=HYPERLINK(1)",
    '',
  ]);
});

it('an export of nothing leaves a file with a heading', async () => {
  const request = { items: [{ key: KEY, range: all }], verdicts: ['not_asked'] as Verdict[] };
  await expect(exportGaps(coverage, workspace, request, NOW)).rejects.toMatchObject({ code: 'usage.no_gaps' });
  expect(() => readFileSync(join(workspace, 'exports', 'gaps-2024-01-02T030405Z.csv'))).toThrow();
});

it('a workspace that cannot be written is told as a stack trace', async () => {
  writeFileSync(join(workspace, 'exports'), 'a file where the folder should be');
  const request = { items: [{ key: KEY, range: all }], verdicts: ['unexplained'] as Verdict[] };
  await expect(exportGaps(coverage, workspace, request, NOW)).rejects.toMatchObject({ code: 'workspace.unwritable' });
});
