import type { UniverseSymbol } from '@shared/contract';
import type { Interval, Market } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  additionsOf,
  intervalsOf,
  matchingSymbols,
  pickByList,
  quoteCounts,
  statusWords,
  totalsOf,
  type UniverseFilter,
} from './universe-filter';

const symbolOf = (symbol: string, quoteAsset: string, status = 'TRADING'): UniverseSymbol => ({
  market: 'spot',
  symbol,
  baseAsset: symbol.slice(0, symbol.length - quoteAsset.length),
  quoteAsset,
  status,
  archived: true,
});

const SYMBOLS = [
  symbolOf('ADABTC', 'BTC'),
  symbolOf('BTCEUR', 'EUR'),
  symbolOf('BTCUSDT', 'USDT'),
  symbolOf('HALTUSDT', 'USDT', 'HALT'),
  symbolOf('LUNAUSDT', 'USDT', 'GONE'),
  symbolOf('NANOBTC', 'BTC', 'BREAK'),
];
const ALL: UniverseFilter = { text: '', quotes: new Set(), status: 'all', order: 'name' };
const NONE = new Set<string>();
const namesOf = (filter: Partial<UniverseFilter>, chosen = NONE) =>
  matchingSymbols(SYMBOLS, { ...ALL, ...filter }, chosen).map((each) => each.symbol);

describe('matchingSymbols', () => {
  it('puts a name that only holds the text before the one that is meant', () => {
    expect(namesOf({ text: ' btc' })).toEqual(['BTCEUR', 'BTCUSDT', 'ADABTC', 'NANOBTC']);
    expect(namesOf({ text: 'BTCUSDT' })).toEqual(['BTCUSDT']);
  });

  it('takes a halted symbol for one that trades or has ended', () => {
    expect(namesOf({ status: 'trading' })).toEqual(['ADABTC', 'BTCEUR', 'BTCUSDT']);
    expect(namesOf({ status: 'ended' })).toEqual(['LUNAUSDT', 'NANOBTC']);
    expect(statusWords('HALT')).toBe('halt');
    expect(statusWords('PENDING_TRADING')).toBe('pending trading');
  });

  it('loses the order by name within a quote asset', () => {
    expect(namesOf({ order: 'quote' })).toEqual(['ADABTC', 'NANOBTC', 'BTCEUR', 'BTCUSDT', 'HALTUSDT', 'LUNAUSDT']);
  });

  it('shows chosen ones that another filter hides', () => {
    expect(namesOf({ status: 'chosen', text: 'usdt' }, new Set(['LUNAUSDT', 'ADABTC']))).toEqual(['LUNAUSDT']);
  });
});

describe('quoteCounts', () => {
  it('counts symbols that the status hides, or drops the chip that is pressed', () => {
    const filter = { ...ALL, status: 'ended' as const, quotes: new Set(['EUR']) };
    expect(quoteCounts(SYMBOLS, filter, NONE)).toEqual([
      { quote: 'BTC', count: 1 },
      { quote: 'USDT', count: 1 },
      { quote: 'EUR', count: 0 },
    ]);
  });

  it('promises on a chip another number than the list then has', () => {
    const quotes = ['USDT', 'BTC', 'EUR'];
    const symbols = fc.uniqueArray(
      fc.record({
        base: fc.string({ unit: fc.constantFrom('A', 'B', 'C'), minLength: 1, maxLength: 4 }),
        quote: fc.constantFrom(...quotes),
        status: fc.constantFrom('TRADING', 'BREAK', 'HALT', 'GONE'),
      }),
      { selector: ({ base, quote }) => base + quote, maxLength: 60 },
    );
    const filters = fc.record({
      text: fc.constantFrom('', 'a', 'B', 'usdt'),
      status: fc.constantFrom('all' as const, 'trading' as const, 'ended' as const),
    });
    fc.assert(
      fc.property(symbols, filters, (made, { text, status }) => {
        const list = made.map(({ base, quote, status }) => symbolOf(base + quote, quote, status));
        const filter = { ...ALL, text, status };
        for (const { quote, count } of quoteCounts(list, filter, NONE)) {
          expect(matchingSymbols(list, { ...filter, quotes: new Set([quote]) }, NONE)).toHaveLength(count);
        }
      }),
    );
  });
});

describe('pickByList', () => {
  it('stumbles over separators, quotes, case or a name written twice', () => {
    expect(pickByList('btcusdt, ADABTC;\r\n"BTCEUR"\tBtcUsdt,,\n', SYMBOLS)).toEqual({
      found: ['BTCUSDT', 'ADABTC', 'BTCEUR'],
      unknown: [],
    });
  });

  it('drops unknown names without a word, or names one twice', () => {
    expect(pickByList('nope BTCUSDT NOPE btc/usdt', SYMBOLS)).toEqual({
      found: ['BTCUSDT'],
      unknown: ['nope', 'btc/usdt'],
    });
  });

  it('finds nothing in nothing', () => {
    expect(pickByList(' \n, ', SYMBOLS)).toEqual({ found: [], unknown: [] });
  });
});

describe('additionsOf', () => {
  const chosen = new Map<Market, ReadonlySet<string>>([
    ['spot', new Set(['BTCUSDT', 'ADABTC'])],
    ['um', new Set(['BTCUSDT'])],
    ['cm', new Set<string>()],
  ]);

  it('asks a market without seconds for them, or one without symbols for anything', () => {
    expect(intervalsOf('um')).not.toContain('1s');
    expect(additionsOf(chosen, new Set<Interval>(['1s', '1h']))).toEqual([
      { market: 'spot', symbols: ['BTCUSDT', 'ADABTC'], intervals: ['1s', '1h'], aggTrades: false },
      { market: 'um', symbols: ['BTCUSDT'], intervals: ['1h'], aggTrades: false },
    ]);
    expect(additionsOf(chosen, new Set<Interval>(['1s']))).toHaveLength(1);
    expect(additionsOf(chosen, new Set())).toEqual([]);
  });

  it('forgets trades where no interval is chosen, or counts them as none', () => {
    const additions = additionsOf(chosen, new Set(['trades', '1h'] as const));
    expect(additionsOf(chosen, new Set(['trades'] as const))).toMatchObject([
      { market: 'spot', intervals: [], aggTrades: true },
      { market: 'um', intervals: [], aggTrades: true },
    ]);
    const totals = totalsOf(additions, (market, _symbol, choice) => market === 'um' && choice === 'trades');
    expect(totals).toEqual({ symbols: 3, series: 6, fresh: 5 });
  });

  it('takes a series of one market for that of another', () => {
    const additions = additionsOf(chosen, new Set<Interval>(['1m', '1h']));
    const totals = totalsOf(
      additions,
      (market, symbol, interval) => `${market} ${symbol} ${interval}` === 'um BTCUSDT 1m',
    );
    expect(totals).toEqual({ symbols: 3, series: 6, fresh: 5 });
  });
});
