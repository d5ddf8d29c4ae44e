import type { Span } from '@shared/market';

/** What would prove each verdict. */
export const EVIDENCE: Record<Span['verdict'], string[]> = {
  present: ['Monthly archive 2021-02, SHA-256 verified'],
  exchange_outage: ['Outage catalogue: system upgrade of the exchange', '41 of 41 symbols lack these minutes'],
  symbol_halt: ['exchangeInfo said BREAK while the others traded'],
  not_listed_yet: ['REST was asked from 2017-01-01; its first candle opens later'],
  delisted: ['exchangeInfo no longer lists the symbol'],
  not_closed_yet: ["The exchange's clock has not passed its close"],
  confirmed_absent: [
    'REST was asked for these minutes and answered around them',
    'The verified daily archive lacks them too',
  ],
  fetch_failed: ['REST answered 503 three times', 'Daily archive 2023-06-02 fails its SHA-256'],
  unexplained: [
    'Monthly archive 2021-02, SHA-256 verified, lacks this day',
    '11 of 12 symbols have these bars',
    'REST not asked yet',
  ],
  not_asked: [],
};
