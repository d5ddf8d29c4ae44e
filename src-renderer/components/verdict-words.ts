import type { Verdict } from '@shared/market';

/** The verdict as people read it, and what it means in a sentence. */
export const VERDICT_WORDS: Record<Verdict, { name: string; meaning: string }> = {
  present: { name: 'present', meaning: 'Every bar is stored.' },
  exchange_outage: {
    name: 'exchange outage',
    meaning: 'The whole exchange stood still; the outage catalogue lists it.',
  },
  symbol_halt: { name: 'symbol halt', meaning: 'Trading in this symbol was halted.' },
  not_listed_yet: { name: 'not listed yet', meaning: 'Before the first candle that the exchange has.' },
  delisted: { name: 'delisted', meaning: 'After the last candle that the exchange has.' },
  not_closed_yet: { name: 'not closed yet', meaning: 'The candle is still forming.' },
  confirmed_absent: { name: 'confirmed absent', meaning: 'The exchange was asked and has no candle here.' },
  fetch_failed: { name: 'fetch failed', meaning: 'It was asked for, but no source could deliver.' },
  unexplained: { name: 'unexplained', meaning: 'Bars are missing although they should be here.' },
  not_asked: { name: 'not asked', meaning: 'Nobody has asked for these bars yet.' },
};
