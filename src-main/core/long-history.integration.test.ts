import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS, type Range } from '@shared/market';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchPracticeExchange, type PracticeProcessHandle } from '../practice';
import { Services } from './services';
import { settingsFor } from './testing';

/** The span of the acceptance figure (facts, §6), and a day on which all of its monthly files are out. */
const SPAN: Range = { from: Date.UTC(2020, 0, 1), to: Date.UTC(2025, 11, 1) };
const NOW = Date.UTC(2025, 11, 10, 12);
const KEY = 'binance:spot:BTCUSDT:1m';
/** The days of the span on which the exchange stood still; all others are whole. */
const DAYS = ['2020-02-09', '2020-02-19', '2020-03-04', '2020-04-25', '2020-06-28', '2020-11-30', '2020-12-21'].concat([
  '2020-12-25',
  '2021-02-11',
  '2021-03-06',
  '2021-04-20',
  '2021-04-25',
  '2021-08-13',
  '2021-09-29',
  '2023-03-24',
]);
/** Missing minutes of each stop, in the order of the catalogue from entry 21 on. */
const BY_ARCHIVE = [60, 354, 128, 150, 210, 60, 230, 60, 79, 90, 150, 284, 270, 120, 80];
const BY_REST = BY_ARCHIVE.map((minutes) => (minutes === 230 ? 252 : minutes));
const PATIENCE_MS = 300_000;

let practice: PracticeProcessHandle;
beforeAll(async () => {
  // In a thread, so that exchange and backfill have a processor each.
  practice = await launchPracticeExchange({ clockSkewMs: NOW - Date.now(), weightLimit: 1_000_000 });
});
afterAll(() => practice.close());

/** A job in a workspace of its own: the two ways must not see each other's rows. */
async function backfill(source: 'archive' | 'rest', ranges: readonly Range[]) {
  const workspace = mkdtempSync(join(tmpdir(), 'tapemend-long-'));
  const services = await Services.open({ workspace, settings: settingsFor(workspace, practice), practice: false });
  try {
    await services.exchange.syncClock('spot');
    const items = ranges.map((range) => ({ key: KEY, range }));
    const receipt = await (await services.backfill.start({ items, source })).finished;
    const gaps = receipt.series.flatMap((series) => series.gaps);
    const sum = (field: 'asked' | 'stored' | 'stillMissing') =>
      receipt.series.reduce((total, series) => total + series[field], 0);
    return {
      status: receipt.status,
      asked: sum('asked'),
      stored: sum('stored'),
      stillMissing: sum('stillMissing'),
      gaps: gaps.map(({ bars }) => bars),
      verdicts: [...new Set(gaps.map(({ verdict }) => verdict))],
      withoutEvidence: gaps.filter(({ evidence }) => evidence.length === 0),
    };
  } finally {
    await services.close();
    rmSync(workspace, { recursive: true, force: true });
  }
}

function explained(asked: number, gaps: readonly number[]) {
  const missing = gaps.reduce((sum, minutes) => sum + minutes, 0);
  return {
    status: 'complete_with_explained_gaps',
    asked,
    stored: asked - missing,
    stillMissing: 0,
    gaps,
    verdicts: ['exchange_outage'],
    withoutEvidence: [],
  };
}

it(
  'six years of minutes out of monthly files miss others than the 2,325 minutes of 15 stops, or one of them is not explained',
  async () => {
    expect(BY_ARCHIVE.reduce((sum, minutes) => sum + minutes)).toBe(2_325);
    expect(await backfill('archive', [SPAN])).toEqual(explained(2_161 * 1_440, BY_ARCHIVE));
  },
  PATIENCE_MS,
);

// The whole span over REST takes more than a minute; `npm run bench -- long-history` does it.
it(
  'REST answers around all stops miss others than 2,347 minutes, or one of them is not explained',
  async () => {
    expect(BY_REST.reduce((sum, minutes) => sum + minutes)).toBe(2_347);
    const around = DAYS.map((day) => ({ from: Date.parse(day) - DAY_MS, to: Date.parse(day) + 2 * DAY_MS }));
    expect(await backfill('rest', around)).toEqual(explained(DAYS.length * 3 * 1_440, BY_REST));
  },
  PATIENCE_MS,
);
