import type { UniverseSymbol } from '@shared/contract';
import { GONE } from '@shared/market';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PracticeExchange, startPracticeExchange } from '../practice';
import { ArchiveListing } from './archive-listing';
import { createCounters } from './counters';
import { ManualClock } from './manual-clock';
import { BinanceRest } from './rest';
import { deadUrl, sendJson, testServer } from './test-server';
import { candleLifeOf, loadUniverse } from './universe';
import { WeightLimiter } from './weight-limiter';

const NOW = Date.UTC(2025, 0, 10, 12);
const clock = new ManualClock(NOW);
const shared = { now: clock.now, sleep: clock.sleep, random: () => 0.5 };

function restOf(url: string, market: 'spot' | 'cm' = 'spot') {
  const limiter = new WeightLimiter({ share: 1, limitPerMinute: 1_000_000, ...shared });
  return new BinanceRest({ market, urls: [url], limiter, ...shared });
}

const listingOf = (archiveListUrl: string) => new ArchiveListing({ archiveListUrl, ...shared });

/** A listing whose only folder has these folders, and whose deeper folders have the files of these months. */
function archiveOf(symbols: readonly string[], months: readonly string[] = []) {
  return testServer((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://x');
    const prefix = searchParams.get('prefix')!;
    const [symbol, interval] = prefix.split('/').slice(-3);
    const found = searchParams.has('delimiter')
      ? symbols.map((name) => `<CommonPrefixes><Prefix>${prefix}${name}/</Prefix></CommonPrefixes>`)
      : months.map(
          (month) =>
            `<Contents><Key>${prefix}${symbol}-${interval}-${month}.zip</Key><LastModified>2022-08-08T00:00:00Z</LastModified><Size>1</Size></Contents>`,
        );
    response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${found.join('')}</ListBucketResult>`);
  });
}

const symbolOf = (symbol: string, quoteAsset: string, status = 'TRADING') => ({
  symbol,
  status,
  baseAsset: symbol.replace(quoteAsset, ''),
  quoteAsset,
});

const infoOf = (symbols: object[]) =>
  testServer((request, response) =>
    sendJson(response, request.url!.includes('klines') ? [] : { serverTime: NOW, rateLimits: [], symbols }),
  );

describe('loadUniverse', () => {
  it('symbols that only the archive has are GONE, with assets read from their names', async () => {
    const exchange = await infoOf([
      symbolOf('BTCUSDT', 'USDT'),
      symbolOf('ETHBTC', 'BTC'),
      symbolOf('BTCUSD', 'USD'),
      symbolOf('BCCBTC', 'BTC', 'BREAK'),
    ]);
    const archive = await archiveOf(['NANOBTC', 'BTCUSDT', 'LUNAUSDT', 'WEIRD', 'USDT', '币安人生USDT']);
    const universe = await loadUniverse(restOf(exchange.url), listingOf(archive.url));
    expect(
      universe.symbols.map(({ symbol, baseAsset, quoteAsset, status, archived }) => [
        symbol,
        baseAsset,
        quoteAsset,
        status,
        archived,
      ]),
    ).toEqual([
      ['BCCBTC', 'BCC', 'BTC', 'BREAK', false],
      ['BTCUSD', 'BTC', 'USD', 'TRADING', false],
      ['BTCUSDT', 'BTC', 'USDT', 'TRADING', true],
      ['ETHBTC', 'ETH', 'BTC', 'TRADING', false],
      ['LUNAUSDT', 'LUNA', 'USDT', GONE, true],
      ['NANOBTC', 'NANO', 'BTC', GONE, true],
      ['USDT', 'USDT', '', GONE, true],
      ['WEIRD', 'WEIRD', '', GONE, true],
    ]);
    expect(universe.findings).toEqual([expect.stringContaining('币安人生USDT')]);
    expect(structuredClone(universe)).toEqual(universe);
  });

  it('contracts that were delivered get their pair’s assets', async () => {
    const exchange = await infoOf([symbolOf('BTCUSD_PERP', 'USD')]);
    const archive = await archiveOf(['BTCUSD_200925', 'BTCUSD_PERP']);
    const { symbols } = await loadUniverse(restOf(exchange.url, 'cm'), listingOf(archive.url));
    expect(symbols[0]).toEqual({
      market: 'cm',
      symbol: 'BTCUSD_200925',
      baseAsset: 'BTC',
      quoteAsset: 'USD',
      status: GONE,
      archived: true,
    });
  });

  it('an archive out of reach costs the gone symbols and says so; the exchange out of reach is an error', async () => {
    const exchange = await infoOf([symbolOf('BTCUSDT', 'USDT')]);
    const { symbols, findings } = await loadUniverse(restOf(exchange.url), listingOf(await deadUrl()));
    expect(symbols.map(({ symbol }) => symbol)).toEqual(['BTCUSDT']);
    expect(findings).toEqual([expect.stringMatching(/no longer lists are not known.*binance.archiveListUrl/)]);
    const archive = await archiveOf([]);
    await expect(loadUniverse(restOf(await deadUrl()), listingOf(archive.url))).rejects.toMatchObject({
      code: 'exchange.unreachable',
    });
  });
});

describe('candleLifeOf', () => {
  it('a gone symbol lives from its first to its last month in the archive, and the exchange is not asked', async () => {
    const exchange = await infoOf([]);
    const archive = await archiveOf([], ['2018-03', '2017-11', '2021-01']);
    const gone: UniverseSymbol = {
      market: 'spot',
      symbol: 'NANOBTC',
      baseAsset: 'NANO',
      quoteAsset: 'BTC',
      status: GONE,
      archived: true,
    };
    const sources = { rest: restOf(exchange.url), listing: listingOf(archive.url) };
    expect(await candleLifeOf(gone, '1h', sources)).toEqual({
      first: Date.UTC(2017, 10, 1),
      last: Date.UTC(2021, 1, 1) - 3_600_000,
      source: 'archive',
    });
    expect(exchange.requests).toEqual([]);
    const nothing = { ...sources, listing: listingOf((await archiveOf([])).url) };
    expect(await candleLifeOf(gone, '1h', nothing)).toEqual({ first: null, last: null, source: 'archive' });
  });

  it('a listed symbol without candles is not asked for its last one', async () => {
    const exchange = await infoOf([]);
    const sources = { rest: restOf(exchange.url), listing: listingOf(exchange.url) };
    const ended: UniverseSymbol = {
      market: 'spot',
      symbol: 'X',
      baseAsset: 'X',
      quoteAsset: '',
      status: 'BREAK',
      archived: false,
    };
    expect(await candleLifeOf(ended, '1m', sources)).toEqual({ first: null, last: null, source: 'rest' });
    expect(exchange.requests).toHaveLength(1);
  });
});

describe('against the practice exchange', () => {
  let practice: PracticeExchange;
  beforeAll(async () => {
    practice = await startPracticeExchange({ now: () => NOW, weightLimit: 1_000_000 });
  });
  afterAll(() => practice.close());

  it('every symbol that it lists is there once, and the archive knows the same ones', async () => {
    const rest = restOf(practice.restUrl);
    const { symbols, findings } = await loadUniverse(rest, listingOf(practice.archiveListUrl));
    expect(findings).toEqual([]);
    const listed = (await rest.exchangeInfo()).symbols.map(({ symbol }) => symbol).sort();
    expect(symbols.filter(({ status }) => status !== GONE).map(({ symbol }) => symbol)).toEqual(listed);
    expect(symbols.find(({ symbol }) => symbol === 'BTCUSDT')).toMatchObject({ archived: true });
  });

  it('a gone symbol’s life is told to the day by two looks at the months of its ends', async () => {
    for (const [market, symbol, first, last] of [
      ['spot', 'NANOUSDT', Date.UTC(2019, 5, 28), Date.UTC(2022, 0, 21, 23)],
      ['cm', 'BTCUSD_200925', Date.UTC(2020, 7, 12), Date.UTC(2020, 8, 25, 23)],
    ] as const) {
      const rest = restOf(practice.restUrl, market);
      const listing = listingOf(practice.archiveListUrl);
      const gone = (await loadUniverse(rest, listing)).symbols.find((each) => each.symbol === symbol)!;
      expect(gone.status).toBe(GONE);
      expect(await listing.has(market, symbol)).toBe(true);
      const counters = createCounters();
      const life = await candleLifeOf(gone, '1h', { rest, listing }, { counters });
      expect([symbol, life, counters.requests]).toEqual([symbol, { first, last, source: 'archive' }, 3]);
      await expect(rest.firstCandle(symbol, '1h')).rejects.toMatchObject({ code: 'usage.unknown_symbol' });
    }
    expect(await listingOf(practice.archiveListUrl).has('spot', 'NANOUSD')).toBe(false);
  });

  it('first candle for one request of the smallest weight; the last one only for symbols that ended', async () => {
    const rest = restOf(practice.restUrl);
    const listing = listingOf(practice.archiveListUrl);
    const { symbols } = await loadUniverse(rest, listing);
    const counters = createCounters();
    const alive = symbols.find(({ symbol }) => symbol === 'BTCUSDT')!;
    expect(await candleLifeOf(alive, '1m', { rest, listing }, { counters })).toEqual({
      first: 1_502_942_400_000,
      last: null,
      source: 'rest',
    });
    expect(counters).toMatchObject({ requests: 1, weight: 2 });
    const ended = symbols.find(({ status }) => status === 'BREAK')!;
    const life = await candleLifeOf(ended, '1h', { rest, listing });
    expect(life.last).toBeGreaterThan(life.first!);
    const files = await listing.files('spot', ended.symbol, '1h', 'archiveMonthly');
    expect(Date.UTC(files[0]!.period.year, files[0]!.period.month - 1)).toBeLessThanOrEqual(life.first!);
  });
});
