import type { Market } from '@shared/market';
import { COIN_MARGINED_SYMBOLS, USD_MARGINED_SYMBOLS } from './futures-symbols';
import type { ExtraSymbol } from './options';
import { extraSymbol, type PracticeSymbol, SPOT_SYMBOLS } from './symbols';

/** Symbols of a market by name, in the order in which exchangeInfo lists them; those that only the archive has among them. */
export type Listed = ReadonlyMap<string, PracticeSymbol>;
export type PracticeMarkets = Readonly<Record<Market, Listed>>;

export function practiceMarkets(extras: readonly (string | ExtraSymbol)[] = []): PracticeMarkets {
  const wished = extras.map(extraSymbol);
  const listed = (builtIn: readonly PracticeSymbol[], market: Market): Listed =>
    new Map([...builtIn, ...wished.filter((each) => each.market === market)].map((each) => [each.symbol, each]));
  return {
    spot: listed(SPOT_SYMBOLS, 'spot'),
    um: listed(USD_MARGINED_SYMBOLS, 'um'),
    cm: listed(COIN_MARGINED_SYMBOLS, 'cm'),
  };
}

/** What REST knows: the markets without what only the archive still has. */
export function listedMarkets({ spot, um, cm }: PracticeMarkets): PracticeMarkets {
  const listed = (market: Listed): Listed => new Map([...market].filter(([, { gone }]) => !gone));
  return { spot: listed(spot), um: listed(um), cm: listed(cm) };
}
