import type { Market } from '@shared/market';
import { useEffect, useMemo, useState } from 'react';
import { sentenceOf, useSession } from '../../client';
import { type LifeAnswer, LifeLoader } from './life-loader';

/** Rows must stay on screen this long before the exchange is asked about them. */
const ASK_AFTER_MS = 350;
/** Days are what the list shows, and every symbol has candles of a day. */
const INTERVAL = '1d';

/** First and last candles of the symbols on screen, as far as they are known. */
export function useLives(market: Market, onScreen: readonly string[]): ReadonlyMap<string, LifeAnswer> {
  const session = useSession();
  const [, redraw] = useState(0);
  const loader = useMemo(
    () =>
      new LifeLoader({
        ask: async (symbols, signal) =>
          (await session.call('universe.life', { market, symbols, interval: INTERVAL }, signal)).lives,
        onAnswer: () => redraw((n) => n + 1),
        sentenceOf,
      }),
    [session, market],
  );
  useEffect(() => () => loader.stop(), [loader]);
  const names = onScreen.join(' ');
  useEffect(() => {
    const timer = setTimeout(() => loader.want(names === '' ? [] : names.split(' ')), ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [loader, names]);
  return loader.answers;
}
