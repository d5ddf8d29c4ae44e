import type { Market } from '@shared/market';

/** Assets that spot and USD-M symbols have been quoted in. */
const QUOTES = (
  'USDT USDC FDUSD TUSD BUSD USDP USDS PAX UST DAI USD1 USDE XUSD BFUSD EURI VAI ' +
  'BTC ETH BNB XRP TRX DOGE DOT SOL ' +
  'EUR GBP TRY BRL AUD JPY MXN PLN RON ARS CZK COP ZAR UAH RUB NGN IDRT BIDR BKRW BVND'
).split(' ');

/** Longest first, so that `BTCFDUSD` is not taken for a symbol quoted in something shorter. */
const BY_LENGTH = [...QUOTES].sort((a, b) => b.length - a.length);

/**
 * Quote asset of a symbol by its name, `USDT` of `BTCUSDT`, or `other`: the list of series does not carry it, and symbols that the
 * exchange has forgotten have no other source. COIN-M is quoted in dollars throughout.
 */
export function quoteAsset(market: Market, symbol: string): string {
  if (market === 'cm') return 'USD';
  const name = symbol.split('_')[0]!;
  return BY_LENGTH.find((quote) => name.length > quote.length && name.endsWith(quote)) ?? 'other';
}
