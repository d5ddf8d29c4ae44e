import { describe, expect, it } from 'vitest';
import { quoteAsset } from './quote-asset';

describe('quote asset', () => {
  it.each([
    ['spot', 'BTCUSDT', 'USDT'],
    ['spot', 'ETHBTC', 'BTC'],
    ['spot', 'BTCFDUSD', 'FDUSD'],
    ['spot', 'USDTTRY', 'TRY'],
    ['spot', 'BTTTRX', 'TRX'],
    ['spot', 'BTCBIDR', 'BIDR'],
    ['um', 'BTCUSDT_240329', 'USDT'],
    ['cm', 'BTCUSD_PERP', 'USD'],
    ['cm', 'ETHUSD_240329', 'USD'],
  ] as const)('%s %s is grouped with another asset than %s', (market, symbol, quote) => {
    expect(quoteAsset(market, symbol)).toBe(quote);
  });

  it('a name that is an asset itself, or ends in none, is torn apart', () => {
    expect(quoteAsset('spot', 'USDT')).toBe('other');
    expect(quoteAsset('spot', 'SOMETHING')).toBe('other');
  });
});
