import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf, launchPracticeExchange } from '../src-main/practice';
import { BuiltCore } from './built-core';
import { openBenchDatabase } from './database';
import type { Figure, Measure, MeasureContext } from './measure';

/** The span of the acceptance figure, and a day on which all of its monthly files are out. */
const [FROM, TO] = ['2020-01-01', '2025-12-01'];
const NOW = Date.UTC(2025, 11, 10, 12);
/** No exchange allows so much: what is measured is the work, and not the waiting for a budget. */
const WEIGHT_LIMIT = 1_000_000;
/** Minutes that are not to be had by each way. */
const MISSING = { archive: 2_325, rest: 2_347 } as const;

interface Receipt {
  status: string;
  durationMs: number;
  requests: number;
  series: [{ asked: number; stored: number; stillMissing: number; gaps: { bars: number; verdict: string }[] }];
}

export const longHistory: Measure = {
  name: 'long-history',
  how:
    `The built command line backfills BTCUSDT 1m from ${FROM} to ${TO} out of the practice exchange, once by monthly archives (which the exchange makes meanwhile) and once through REST, ` +
    'each into a QuestDB of its own. The times tell how long the whole takes, exchange included; the figures that count are the missing minutes.',
  async run(context) {
    const core = await BuiltCore.provide(context.scratch);
    const figures: Figure[] = [];
    for (const source of ['archive', 'rest'] as const) figures.push(...(await backfillBy(source, core, context)));
    return figures;
  },
};

async function backfillBy(
  source: keyof typeof MISSING,
  core: BuiltCore,
  { scratch, log }: MeasureContext,
): Promise<Figure[]> {
  const folder = join(scratch, source);
  mkdirSync(folder);
  const practice = await launchPracticeExchange({ clockSkewMs: NOW - Date.now(), weightLimit: WEIGHT_LIMIT });
  const database = await openBenchDatabase(folder);
  try {
    const run = await core.run(
      ['backfill', 'BTCUSDT', '--interval', '1m', '--from', FROM, '--to', TO, '--source', source],
      {
        ...database.env,
        ...environmentOf(practice),
        TAPEMEND_WEIGHT_SHARE: '1',
      },
    );
    const { durationMs, requests, status, series } = run.document as Receipt;
    const [{ asked, stored, stillMissing, gaps }] = series;
    const missing = gaps.reduce((sum, { bars }) => sum + bars, 0);
    const isExplained = stillMissing === 0 && gaps.every(({ verdict }) => verdict === 'exchange_outage');
    log(`${source}: ${(durationMs / 1000).toFixed(1)} s, ${status}, ${requests} requests, ${missing} minutes missing`);
    const way = source === 'archive' ? 'by monthly archives' : 'through REST';
    return [
      {
        name: `missing minutes ${way}`,
        value: `${missing} in ${gaps.length} stops of the exchange, ${isExplained ? 'all' : 'not all'} explained; ${stored} of ${asked} stored`,
        goal: `${MISSING[source]}, all explained`,
        met: missing === MISSING[source] && isExplained && stored === asked - missing,
      },
      {
        name: `time ${way}`,
        value: `${(durationMs / 1000).toFixed(1)} s, ${requests} requests, ${Math.round(stored / durationMs)} k rows/s`,
        goal: '',
        met: null,
      },
    ];
  } finally {
    await database.close();
    await practice.close();
  }
}
