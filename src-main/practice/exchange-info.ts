import type { CandleBook } from './candle-book';
import { Query } from './query';
import { ExchangeError, jsonReply, type Reply } from './replies';
import type { PracticeSymbol } from './symbols';

const STATUSES = ['TRADING', 'END_OF_DAY', 'HALT', 'BREAK', 'CANCEL_ONLY'];

/** `GET /api/v3/exchangeInfo`. */
export function answerExchangeInfo(book: CandleBook, search: string, now: number, weightLimit: number): Reply {
  const query = new Query(search);
  const one = query.optionalSymbol();
  const some = query.symbols();
  const status = query.text('symbolStatus');
  const permissions = query.text('permissions');
  const showSets = query.text('showPermissionSets') !== 'false';
  query.finish();
  if (
    (one !== undefined && some) ||
    ((one !== undefined || some) && (status !== undefined || permissions !== undefined))
  )
    throw new ExchangeError(-1128, 'Combination of optional parameters invalid.');
  if (status !== undefined && !STATUSES.includes(status)) throw new ExchangeError(-1122, 'Invalid symbolStatus.');
  const names = one === undefined ? some : [one];
  if (names && new Set(names).size < names.length)
    throw new ExchangeError(-1151, 'Symbol is present multiple times in the list.');
  const chosen = names
    ? names.map((name) => {
        const symbol = book.listed.spot.get(name);
        if (!symbol) throw new ExchangeError(-1121, 'Invalid symbol.');
        return symbol;
      })
    : [...book.listed.spot.values()].filter((symbol) => status === undefined || symbol.status === status);
  return jsonReply({
    timezone: 'UTC',
    serverTime: now,
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightLimit },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
    ],
    exchangeFilters: [],
    symbols: chosen.map((symbol) => symbolEntry(symbol, showSets)),
  });
}

function symbolEntry(symbol: PracticeSymbol, showSets: boolean) {
  const trading = symbol.status === 'TRADING';
  const tick = (10 ** -symbol.priceDecimals).toFixed(8);
  const step = (10 ** -symbol.volumeDecimals).toFixed(8);
  return {
    symbol: symbol.symbol,
    status: symbol.status,
    baseAsset: symbol.baseAsset,
    baseAssetPrecision: 8,
    quoteAsset: symbol.quoteAsset,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT_LIMIT'],
    icebergAllowed: true,
    ocoAllowed: true,
    quoteOrderQtyMarketAllowed: true,
    isSpotTradingAllowed: trading,
    isMarginTradingAllowed: trading && symbol.quoteAsset === 'USDT',
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '1000000.00000000', tickSize: tick },
      { filterType: 'LOT_SIZE', minQty: step, maxQty: '9000000000.00000000', stepSize: step },
    ],
    permissions: [],
    permissionSets: showSets ? [['SPOT']] : [],
    defaultSelfTradePreventionMode: 'EXPIRE_MAKER',
    allowedSelfTradePreventionModes: ['EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'],
  };
}
