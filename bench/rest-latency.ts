import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Market } from '@shared/market';
import { MARKET_RULES } from '../src-main/binance';
import { environmentOf, launchPracticeExchange, type PracticeProcessHandle } from '../src-main/practice';
import { BuiltCore, type CommandRun } from './built-core';
import { type BenchDatabase, openBenchDatabase } from './database';
import type { Figure, Measure } from './measure';
import { ceilingOf, klinesUrls } from './practice-ceiling';

const LATENCY_MS = 50;
/** Share of the exchange’s limit that is used, as it is by default. */
const SHARE = 0.5;
/** Minutes’ budgets that a run needs. */
const BUDGETS = Number(process.env.BENCH_BUDGETS ?? 2.5);
const CEILING_PAGES = 400;
const FROM = Date.UTC(2022, 0, 1);
const MINUTE_MS = 60_000;

/** Symbols of each market that share the range, so that it stays within their lives. */
const SYMBOLS: Record<Market, readonly string[]> = {
  spot: ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'ADAUSDT'],
  um: ['BTCUSDT'],
  cm: ['BTCUSD_PERP'],
};

interface Receipt {
  status: string;
  durationMs: number;
  requests: number;
  weightUsed: number;
  retries: number;
  series: { stored: number }[];
}

interface Run {
  market: Market;
  receipt: Receipt;
  command: CommandRun;
  boundMs: number;
  pagesPerSecond: number;
  ceilingPages: number;
}

export const restLatency: Measure = {
  name: 'rest-latency',
  how:
    `The built command line backfills 1m candles through REST alone, each answer of the practice exchange ${LATENCY_MS} ms late, under Binance’s own limits (6000 a minute on spot, 2400 on futures) and ` +
    `the default share of ${SHARE}: ${BUDGETS} minutes’ budgets of requests in each market, all three at the same time with a process each, into one QuestDB. Bound: the weight that was used, divided by the ` +
    'budget a minute. The exchange counts by clock minutes, so a run that begins and ends inside of one can be faster than that. No request may be refused for its weight.',
  async run({ scratch, log }) {
    const core = await BuiltCore.provide(scratch);
    const ceilings = await measureCeilings();
    const practice = await launchPracticeExchange({ latencyMs: LATENCY_MS });
    const folder = join(scratch, 'rest');
    mkdirSync(folder);
    const database = await openBenchDatabase(folder);
    try {
      const markets = Object.keys(SYMBOLS) as Market[];
      const runs = await Promise.all(
        markets.map(async (market) => {
          const run = await backfillOnce(market, core, database, practice, ceilings[market]);
          log(
            `${market}: ${(run.receipt.durationMs / 1000).toFixed(1)} s for a bound of ${(run.boundMs / 1000).toFixed(1)} s (${run.receipt.status}, ${run.receipt.requests} requests)`,
          );
          return run;
        }),
      );
      const { refused } = await practice.counters();
      return [...runs.flatMap(figuresOf), refusedFigure(refused)];
    } finally {
      await database.close();
      await practice.close();
    }
  },
};

async function backfillOnce(
  market: Market,
  core: BuiltCore,
  database: BenchDatabase,
  practice: PracticeProcessHandle,
  ceilingPages: number,
): Promise<Run> {
  const symbols = SYMBOLS[market];
  const to = FROM + Math.floor(barsWanted(market) / symbols.length) * MINUTE_MS;
  const args = ['--market', market, '--source', 'rest', '--interval', '1m', '--from', String(FROM), '--to', String(to)];
  const command = await core.run(
    ['backfill', ...symbols, ...args],
    {
      ...database.env,
      ...environmentOf(practice),
      TAPEMEND_WEIGHT_SHARE: String(SHARE),
    },
    process.env.BENCH_NODE_OPTIONS?.split(' '),
  );
  const receipt = command.document as Receipt;
  return {
    market,
    receipt,
    command,
    boundMs: (receipt.weightUsed / budgetOf(market)) * MINUTE_MS,
    pagesPerSecond: (receipt.requests * 1000) / receipt.durationMs,
    ceilingPages,
  };
}

/** Weight a minute. */
function budgetOf(market: Market): number {
  return MARKET_RULES[market].weightLimit * SHARE;
}

function pageRows(market: Market): number {
  return MARKET_RULES[market].klinesSizes.at(-1)!;
}

function barsWanted(market: Market): number {
  const rows = pageRows(market);
  return ((BUDGETS * budgetOf(market)) / MARKET_RULES[market].weight.klines(rows)) * rows;
}

/** Pages a second of an exchange without lateness and limits. */
async function measureCeilings(): Promise<Record<Market, number>> {
  const server = await launchPracticeExchange({ weightLimit: 1_000_000, futuresWeightLimit: 1_000_000 });
  try {
    const pages = async (market: Market) => {
      const { path } = MARKET_RULES[market];
      const urls = klinesUrls(server.restUrl, path.klines, SYMBOLS[market][0]!, pageRows(market), CEILING_PAGES);
      return (await ceilingOf(urls)).requestsPerSecond;
    };
    return { spot: await pages('spot'), um: await pages('um'), cm: await pages('cm') };
  } finally {
    await server.close();
  }
}

function figuresOf({ market, receipt, command, boundMs, pagesPerSecond, ceilingPages }: Run): Figure[] {
  const ratio = receipt.durationMs / boundMs;
  const rows = receipt.series.reduce((sum, { stored }) => sum + stored, 0);
  const told = { goal: '', met: null };
  return [
    {
      name: `${market}: time / bound`,
      value: `${ratio.toFixed(2)} (${(receipt.durationMs / 1000).toFixed(1)} s for ${(boundMs / 1000).toFixed(1)} s)`,
      goal: 'at most 1.2',
      met: ratio <= 1.2,
    },
    {
      name: `${market}: what it asked for`,
      value:
        `${receipt.requests} requests (${receipt.retries} of them again), weight ${receipt.weightUsed} of ${budgetOf(market)} a minute, ${rows} rows, ` +
        `${(command.cpuMs / 1000).toFixed(1)} s of processor, ${Math.round(command.peakBytes / 1e6)} MB`,
      ...told,
    },
    {
      name: `${market}: the exchange’s own ceiling`,
      value: `${(ceilingPages / pagesPerSecond).toFixed(0)} times above (${Math.round(ceilingPages)} pages of ${pageRows(market)} candles a second)`,
      ...told,
    },
  ];
}

function refusedFigure({ tooMuch, banned }: { tooMuch: number; banned: number }): Figure {
  return {
    name: 'requests refused with 429 or 418',
    value: `${tooMuch + banned}`,
    goal: '0',
    met: tooMuch + banned === 0,
  };
}
