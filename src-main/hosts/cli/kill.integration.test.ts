import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Receipt } from '@shared/contract';
import { countBars, gridOf, parseCandleSeriesKey, type Range, totalLength, unionRanges } from '@shared/market';
import { expect, it } from 'vitest';
import { Journal, Owners } from '../../backfill';
import { differences, readStored, readTruth } from '../../core/testing';
import { QuestDbStore } from '../../questdb';
import { refetched } from './test-refetched';
import {
  commandLineBench,
  isAlive,
  practice,
  questdbPid,
  questdbRecord,
  type Run,
  tapemend,
  workspace,
} from './testing';

/** `TAPEMEND_TEST_SEED=7` strikes at other moments, `TAPEMEND_TEST_KILLS=20` at fewer. */
const SEED = Number(process.env.TAPEMEND_TEST_SEED ?? 20_240_620);
const KILLS = Number(process.env.TAPEMEND_TEST_KILLS ?? 50);
const NOW = Date.UTC(2024, 5, 20, 12, 0, 30);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TODAY = Date.UTC(2024, 5, 20);
const JOB = 'struck-down';
/** Nothing was asked for so long: there is nothing better to wait for. */
const QUIET_MS = 20_000;
/** One strike in six comes so soon behind the one before, while core or database are still coming up. */
const SOON_MS = 1_500;
const MOMENTS = ['request', 'request', 'later', 'later', 'journal', 'soon'] as const;

const SPOT = 'BTC ETH BNB LTC ADA XRP TRX LINK DOGE SOL NEO QTUM'.split(' ');
const FUTURES = 'BTC ETH XRP LTC TRX LINK ADA BNB'.split(' ');

/** Four days from daily files and the last two from REST, a month's file, a night of seconds from REST. */
const ITEMS: { key: string; range: Range }[] = [
  ...SPOT.map((coin) => ({
    key: `binance:spot:${coin}USDT:1m`,
    range: { from: TODAY - 6 * DAY_MS, to: TODAY + 12 * HOUR_MS },
  })),
  ...FUTURES.map((coin) => ({
    key: `binance:um:${coin}USDT:1m`,
    range: { from: TODAY - 6 * DAY_MS, to: TODAY + 12 * HOUR_MS },
  })),
  { key: 'binance:spot:DASHUSDT:1m', range: { from: Date.UTC(2024, 3), to: Date.UTC(2024, 4) } },
  { key: 'binance:um:BTCUSDT:15m', range: { from: Date.UTC(2024, 0), to: Date.UTC(2024, 5, 20) } },
  { key: 'binance:spot:BTCUSDT:1s', range: { from: TODAY - 8 * HOUR_MS, to: TODAY + 12 * HOUR_MS } },
  { key: 'binance:spot:ETHUSDT:1s', range: { from: TODAY - 8 * HOUR_MS, to: TODAY + 12 * HOUR_MS } },
];
const serve = (): Run => tapemend(['serve', '--json']);
const WANTED = new Map(ITEMS.map(({ key, range }) => [key, range]));
/** Requests for candles of the whole job when nothing goes wrong, about. */
const REQUESTS = 350;
const BARS = ITEMS.reduce(
  (sum, { key, range }) => sum + countBars(gridOf(parseCandleSeriesKey(key)!.interval), range),
  0,
);

commandLineBench({ clockSkewMs: NOW - Date.now(), latencyMs: 20, weightLimit: 1e6, futuresWeightLimit: 1e6 });

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const asked = (): number => practice.counters().candleRequests;
const jobsFolder = (): string => join(workspace, 'jobs');
const journalSize = (): number => statSync(join(jobsFolder(), `${JOB}.ndjson`)).size;

/** What another program reads of the workspace: its database, and its journal from the beginning. */
class Onlooker {
  readonly owners = new Owners(join(workspace, 'jobs', 'programs'));
  readonly store = new QuestDbStore(() => {
    const record = JSON.parse(readFileSync(join(workspace, 'questdb', 'tapemend-server.json'), 'utf8'));
    const { user, password, ports, version } = record;
    return {
      dsn: `postgresql://${user}:${password}@127.0.0.1:${ports.pg}/qdb`,
      httpUrl: `http://127.0.0.1:${ports.http}`,
      httpUser: user,
      httpPassword: password,
      version,
      managed: true,
    };
  });

  get journal(): Journal {
    return new Journal(jobsFolder(), this.owners);
  }

  async receipt(): Promise<Receipt | null> {
    return (await this.journal.read(JOB))?.finished?.receipt ?? null;
  }

  /** Fails when anything of the queue cannot be read, whatever was being written. */
  async expectReadable(): Promise<void> {
    const { journal } = this;
    await journal.refresh();
    expect([...journal.openJobs, ...journal.finishedJobs].map(({ jobId }) => jobId)).toEqual([JOB]);
    expect((await journal.read(JOB))?.request.items).toEqual(ITEMS);
    for (const name of readdirSync(jobsFolder()).filter((each) => each.endsWith('.progress.json')))
      expect(JSON.parse(readFileSync(join(jobsFolder(), name), 'utf8'))).toHaveProperty('progress');
  }

  /** Bars that lie in the tables, and how many of them no entry of the ledger tells of yet; null while there is no database. */
  async stored(): Promise<{ known: Map<string, Range[]>; bars: number; unproven: number } | null> {
    try {
      const proven = new Map<string, Range[]>();
      for (const { key, written } of await this.store.ledgerRead())
        if (written) proven.set(key, unionRanges(proven.get(key) ?? [], [...written]));
      const known = new Map<string, Range[]>();
      const sum = { bars: 0, unproven: 0 };
      for (const { key } of ITEMS) {
        const series = parseCandleSeriesKey(key)!;
        const grid = gridOf(series.interval);
        const { bars, present } = await this.store.content(series, grid);
        known.set(key, unionRanges(present, proven.get(key) ?? []));
        sum.bars += bars;
        sum.unproven += bars - (proven.get(key) ?? []).reduce((total, range) => total + countBars(grid, range), 0);
      }
      return { known, ...sum };
    } catch (error) {
      const { code } = error as { code?: string };
      // Before the first core made them there are no tables; later they are never gone.
      const hasBegun = readFileSync(join(jobsFolder(), `${JOB}.ndjson`), 'utf8').includes('"begun"');
      if (hasBegun || code !== 'questdb.no_table')
        expect(code).toMatch(/^questdb\.(connection_lost|not_running|unreachable)$/);
      return null;
    }
  }
}

/** Resolves at the moment to strike: so many requests (and a little) later, when the journal has grown, or at once. */
async function theMoment(random: () => number, requests: number): Promise<string> {
  const start = asked();
  const most = Math.max(1, Math.round(requests * (0.5 + random())));
  const moment = MOMENTS[Math.floor(random() * MOMENTS.length)]!;
  const later = random() * (moment === 'later' ? 400 : moment === 'soon' ? SOON_MS : 0);
  const size = journalSize();
  const isDue = (now: number): boolean =>
    moment === 'soon' || (moment === 'journal' ? now > start && journalSize() > size : now - start >= most);
  let quietSince = performance.now();
  for (let now = start, last = start; !isDue(now); now = asked()) {
    if (now !== last) quietSince = performance.now();
    last = now;
    if (performance.now() - quietSince > QUIET_MS) return 'silence';
    await pause(2);
  }
  if (later > 0) await pause(later);
  return moment;
}

it(`kill -9 of core and database in turns, ${KILLS} times (seed ${SEED}), loses candles, fetches stored ones again or leaves something unreadable`, async () => {
  const random = randomFrom(SEED);
  const onlooker = new Onlooker();
  const { journal, owners } = onlooker;
  await journal.start(JOB, { items: ITEMS, source: 'auto' });
  await journal.release(JOB);

  const violations: string[] = [];
  const moments: Record<string, number> = {};
  const struck = { core: 0, database: 0, betweenRowsAndLedger: 0, withoutDatabase: 0 };
  let known = new Map<string, Range[]>();
  let seen = 0;
  let stored = 0;
  const judge = (): void => {
    const { requests } = practice.counters();
    const total = Object.values(requests).reduce((sum, each) => sum + each, 0);
    violations.push(
      ...refetched(practice.requestsLog().slice(-Math.max(0, total - seen) || Number.MAX_SAFE_INTEGER), known, WANTED),
    );
    seen = total;
  };
  const look = async (): Promise<boolean> => {
    const now = await onlooker.stored();
    judge();
    if (!now) return false;
    for (const [key, ranges] of now.known) {
      // What was once read back is never gone.
      expect(totalLength(unionRanges(known.get(key) ?? [], ranges))).toBe(totalLength(ranges));
    }
    known = now.known;
    stored = now.bars;
    if (now.unproven > 0) struck.betweenRowsAndLedger++;
    return true;
  };

  let core = serve();
  for (let kill = 0; kill < KILLS; kill++) {
    const left = REQUESTS * (1 - stored / BARS);
    const requests = left / (KILLS - kill);
    if (kill % 2 === 1) await look();
    const moment = await theMoment(random, requests);
    moments[moment] = (moments[moment] ?? 0) + 1;
    if (kill % 2 === 0) {
      core.child.kill('SIGKILL');
      await core.ended;
      struck.core++;
      await onlooker.expectReadable();
      if (!(await look())) struck.withoutDatabase++;
      core = serve();
    } else {
      const state = () => (isAlive(questdbPid()) ? 'there' : `gone, and the core says: ${core.said.err}`);
      await expect.poll(state, { timeout: 30_000, interval: 5 }).toBe('there');
      process.kill(questdbPid()!, 'SIGKILL');
      struck.database++;
      await onlooker.expectReadable();
    }
  }
  await expect.poll(() => onlooker.receipt(), { timeout: 120_000, interval: 100 }).not.toBeNull();
  judge();
  const receipt = (await onlooker.receipt())!;
  const counters = practice.counters();
  console.info(
    `seed ${SEED}: ${JSON.stringify({ struck, moments, requests: counters.candleRequests, ideal: REQUESTS })}`,
  );
  expect(violations).toEqual([]);
  expect(receipt.errors).toEqual([]);
  expect(receipt.status).toBe('complete');
  expect(receipt.series.map(({ key, from, to }) => ({ key, range: { from, to } }))).toEqual(ITEMS);
  for (const { key, asked: bars, alreadyPresent, stored: written, stillMissing } of receipt.series)
    expect([key, alreadyPresent, written, stillMissing]).toEqual([key, 0, bars, 0]);
  expect(counters.refused).toEqual({ tooMuch: 0, banned: 0 });
  // The last strike may have come behind the end of the job.
  await expect.poll(() => onlooker.stored(), { timeout: 60_000, interval: 100 }).not.toBeNull();
  for (const { key, range } of ITEMS) {
    const series = parseCandleSeriesKey(key)!;
    const found = differences(
      await readStored(onlooker.store, series, range),
      await readTruth(practice.restUrl, series, range),
    );
    expect([key, found]).toEqual([key, []]);
  }
  expect(questdbRecord()?.process).not.toBeNull();
  await onlooker.store.close();
  owners.leave();
}, 900_000);
