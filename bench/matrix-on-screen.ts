import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { seriesKey } from '@shared/market';
import type { Browser } from 'playwright';
import { ensureBuild } from '../build/lib/ensure-build.mjs';
import { CoverageCache } from '../src-main/coverage';
import { environmentOf, launchPracticeExchange } from '../src-main/practice';
import { bareSocketMs } from './bare-socket';
import { launchChromium } from './chromium';
import { openBenchDatabase } from './database';
import { fillLedger, fillTables, MATRIX_SERIES, NOW } from './matrix-ledger';
import { type MatrixMoments, openMatrix } from './matrix-page';
import { type Figure, type Measure, median, withNoise } from './measure';
import { serveCore } from './served-core';

const ROUNDS = 5;
const SIZE = { width: 1440, height: 900 };

/** One start of the program, and a second page on the same program. */
interface Round {
  start: MatrixMoments;
  later: MatrixMoments;
  /** Bare transport of what the core sends, in ms. */
  floor: number;
}

export const matrixOnScreen: Measure = {
  name: 'matrix-on-screen',
  how:
    `\`tapemend serve\` as it is built for shipping, on a workspace with ${MATRIX_SERIES.length} series (500 symbols in 8 intervals over 8 years, as in coverage-matrix), each time a new program ` +
    `with the cache that the one before left, and its page in headless Chromium (${SIZE.width} x ${SIZE.height}) on the matrix. Counted from the message in which the page hears that the core is up (\`app.state_changed\` ` +
    'with the phase ready), which the core says when all models are loaded and their spans derived: until the frame behind the one in which the canvas had every strip and number in sight, and the same of the totals, for which the coverage of all series is read. Then a second page ' +
    'on the same program, counted from the moment at which it asks for the address, so with the page itself. Floor in the same rounds: the same texts through a bare WebSocket on loopback into a page that parses them. Core, database and browser share the processors.',
  async run({ scratch, log }) {
    await ensureBuild();
    const database = await openBenchDatabase(scratch);
    const practice = await launchPracticeExchange({ clockSkewMs: NOW - Date.now() });
    const workspace = mkdtempSync(join(scratch, 'workspace-'));
    const browser = await launchChromium();
    try {
      const { store } = database;
      await fillTables(store, new CoverageCache(join(workspace, 'cache', 'coverage')));
      await fillLedger(store);
      await store.trackSeries(
        MATRIX_SERIES.map((series) => seriesKey(series)),
        true,
      );
      const env = { ...database.env, ...environmentOf(practice), TAPEMEND_PRACTICE: 'false' };
      const texts: string[] = [];
      await oneRound(workspace, env, browser, texts);
      log(`warm-up: ${texts.length} texts of the core`);
      const rounds: Round[] = [];
      for (let round = 1; round <= ROUNDS; round++) {
        const floor = await bareSocketMs(browser, texts);
        const { start, later } = await oneRound(workspace, env, browser);
        const told = ({ ready, seen, whole }: MatrixMoments) =>
          `up ${ready.toFixed(0)}, seen ${seen.toFixed(0)}, whole ${whole.toFixed(0)} ms`;
        log(`round ${round}: start ${told(start)}; later ${told(later)}; floor ${floor.toFixed(0)} ms`);
        rounds.push({ start, later, floor });
      }
      return figuresOf(rounds, texts);
    } finally {
      await browser.close();
      await practice.close();
      await database.close();
    }
  },
};

/** With `texts`, takes what the second page is sent. */
async function oneRound(
  workspace: string,
  env: Record<string, string>,
  browser: Browser,
  texts?: string[],
): Promise<Pick<Round, 'start' | 'later'>> {
  const core = await serveCore(workspace, env);
  // The second page has the session of the first.
  const context = await browser.newContext({ viewport: SIZE });
  try {
    const open = async (url: string, taken?: string[]): Promise<MatrixMoments> => {
      const page = await context.newPage();
      const moments = await openMatrix(page, url, taken);
      await page.close();
      return moments;
    };
    const start = await open(core.url);
    return { start, later: await open(new URL('/', core.url).href, texts) };
  } finally {
    await context.close();
    await core.stop();
  }
}

function figuresOf(rounds: readonly Round[], texts: readonly string[]): Figure[] {
  const seen = rounds.map(({ start }) => start.seen - start.ready);
  const whole = rounds.map(({ start }) => start.whole - start.ready);
  const floors = rounds.map(({ floor }) => floor);
  const later = rounds.map((round) => round.later.seen);
  const megabytes = texts.reduce((sum, text) => sum + text.length, 0) / 1e6;
  const told = { goal: '', met: null };
  return [
    {
      name: 'matrix on screen after the core is up',
      value: withNoise(seen, 0, ' ms'),
      goal: 'under 1 s',
      met: median(seen) < 1_000,
    },
    { name: 'its totals too', value: withNoise(whole, 0, ' ms'), ...told },
    {
      name: 'totals as a multiple of the floor',
      value: `${withNoise(
        whole.map((ms, i) => ms / floors[i]!),
        1,
      )}; the floor takes ${withNoise(floors, 0, ' ms')} for ${megabytes.toFixed(1)} MB in ${texts.length} texts`,
      ...told,
    },
    {
      name: 'matrix on screen after the address of a core that is up was opened',
      value: withNoise(later, 0, ' ms'),
      ...told,
    },
    {
      name: 'of that, until the page hears of the core',
      value: withNoise(
        rounds.map((round) => round.later.ready),
        0,
        ' ms',
      ),
      ...told,
    },
  ];
}
