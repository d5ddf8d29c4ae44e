import type { CandleBook } from './candle-book';
import type { FuturesMarket } from './futures-klines';
import { jsonReply, type Reply } from './replies';
import type { PracticeSymbol } from './symbols';

/** Perpetual contracts say that they are delivered in the year 2100. */
const NEVER_DELIVERED = Date.UTC(2100, 11, 25, 8);

/** `GET /fapi/v1/exchangeInfo` and `/dapi/v1/exchangeInfo`: all symbols, whatever the query says. */
export function answerFuturesInfo(book: CandleBook, market: FuturesMarket, now: number, weightLimit: number): Reply {
  return jsonReply({
    timezone: 'UTC',
    serverTime: now,
    ...(market === 'um' ? { futuresType: 'U_MARGINED' } : {}),
    rateLimits: [
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightLimit },
      { rateLimitType: 'ORDERS', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
    ],
    exchangeFilters: [],
    symbols: [...book.listed[market].values()].map((symbol) => symbolEntry(symbol, market)),
  });
}

function symbolEntry(symbol: PracticeSymbol, market: FuturesMarket) {
  const { pair, contractType, contractSize, onboardedAt, deliveredAt } = symbol.future!;
  const tick = (10 ** -symbol.priceDecimals).toFixed(symbol.priceDecimals);
  const step = (10 ** -symbol.volumeDecimals).toFixed(symbol.volumeDecimals);
  return {
    symbol: symbol.symbol,
    pair,
    contractType,
    deliveryDate: deliveredAt ?? NEVER_DELIVERED,
    onboardDate: onboardedAt,
    ...(market === 'um' ? { status: symbol.status } : { contractStatus: symbol.status, contractSize }),
    baseAsset: symbol.baseAsset,
    quoteAsset: symbol.quoteAsset,
    marginAsset: market === 'um' ? symbol.quoteAsset : symbol.baseAsset,
    pricePrecision: symbol.priceDecimals,
    quantityPrecision: symbol.volumeDecimals,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: 'COIN',
    underlyingSubType: [],
    filters: [
      { filterType: 'PRICE_FILTER', minPrice: tick, maxPrice: '1000000', tickSize: tick },
      { filterType: 'LOT_SIZE', minQty: step, maxQty: '1000000', stepSize: step },
    ],
    orderTypes: ['LIMIT', 'MARKET', 'STOP', 'STOP_MARKET', 'TAKE_PROFIT', 'TAKE_PROFIT_MARKET'],
    timeInForce: ['GTC', 'IOC', 'FOK', 'GTX'],
  };
}
