import { AppError, type SymbolInfo } from '@shared/contract';
import type { Market } from '@shared/market';

/** Reads an `exchangeInfo` answer; `weightLimit` is null when it names no weight limit per minute. */
export function parseExchangeInfo(
  json: unknown,
  market: Market,
): {
  symbols: SymbolInfo[];
  serverTime: number;
  weightLimit: number | null;
  requestLimit: { requests: number; windowMs: number } | null;
} {
  const info = isObject(json) ? json : {};
  if (!Array.isArray(info.symbols) || typeof info.serverTime !== 'number') {
    throw new AppError(
      'exchange.bad_answer',
      `exchangeInfo did not answer with symbols and a time. Check that binance.${market}.restUrl is Binance's address.`,
    );
  }
  const symbols: SymbolInfo[] = [];
  for (const entry of info.symbols as unknown[]) {
    if (!isObject(entry) || typeof entry.symbol !== 'string') continue;
    symbols.push({
      market,
      symbol: entry.symbol,
      baseAsset: textOr(entry.baseAsset),
      quoteAsset: textOr(entry.quoteAsset),
      // COIN-M calls it contractStatus.
      status: textOr(entry.status ?? entry.contractStatus),
      ...(typeof entry.contractType === 'string' && entry.contractType ? { contractType: entry.contractType } : {}),
      ...(isDelivery(entry.deliveryDate) ? { deliveryDate: entry.deliveryDate } : {}),
    });
  }
  const { serverTime, rateLimits } = info;
  return { symbols, serverTime, weightLimit: weightLimitOf(rateLimits), requestLimit: requestLimitOf(rateLimits) };
}

/** Perpetual contracts are delivered at the end of the year 2100, which is to say never. */
function isDelivery(date: unknown): date is number {
  return typeof date === 'number' && date > 0 && date < Date.UTC(2100, 0, 1);
}

const UNIT_MS: Record<string, number> = { SECOND: 1_000, MINUTE: 60_000, HOUR: 3_600_000, DAY: 86_400_000 };

function requestLimitOf(rateLimits: unknown): { requests: number; windowMs: number } | null {
  if (!Array.isArray(rateLimits)) return null;
  for (const each of rateLimits as unknown[]) {
    if (!isObject(each) || each.rateLimitType !== 'RAW_REQUESTS') continue;
    const { limit, interval, intervalNum } = each;
    const unit = UNIT_MS[String(interval)];
    if (typeof limit === 'number' && limit > 0 && typeof intervalNum === 'number' && intervalNum > 0 && unit) {
      return { requests: limit, windowMs: intervalNum * unit };
    }
  }
  return null;
}

function weightLimitOf(rateLimits: unknown): number | null {
  if (!Array.isArray(rateLimits)) return null;
  for (const each of rateLimits as unknown[]) {
    if (!isObject(each) || each.rateLimitType !== 'REQUEST_WEIGHT' || each.interval !== 'MINUTE') continue;
    if (typeof each.limit === 'number' && typeof each.intervalNum === 'number' && each.limit > 0) {
      return Math.floor(each.limit / each.intervalNum);
    }
  }
  return null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
