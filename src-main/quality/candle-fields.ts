import { CANDLE_FIELDS } from '@shared/market';

export type CandleField = Exclude<(typeof CANDLE_FIELDS)[number], 'openTime'>;

export const FIELD_WORDS: Readonly<Record<CandleField, string>> = {
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  quoteVolume: 'quote volume',
  trades: 'trades',
  takerBase: 'taker base volume',
  takerQuote: 'taker quote volume',
};

export function isCandleField(text: string): text is CandleField {
  return text !== 'openTime' && (CANDLE_FIELDS as readonly string[]).includes(text);
}
