import type { OutageEvidence } from '@shared/contract';
import { expect, it } from 'vitest';
import { evidenceWords, windowWords } from './outage-words';

const evidence: OutageEvidence = {
  interval: '1m',
  asked: 12,
  lacking: 11,
  lackingSymbols: ['ADAUSDT', 'BTCUSDT'],
  havingSymbols: ['USDCUSDT'],
  flatsBefore: 14,
};

it('tells of a stop without its length, or repeats the day', () => {
  const from = Date.UTC(2024, 8, 3, 2);
  expect(windowWords({ from, to: from + 90 * 60_000 })).toBe('2024-09-03 02:00 → 03:30, 90 minutes');
  expect(windowWords({ from, to: from + 86_400_000 })).toBe('2024-09-03 02:00 → 2024-09-04 02:00, 1,440 minutes');
});

it('hides a part of what speaks for a stop, or tells of nothing', () => {
  expect(evidenceWords(evidence)).toEqual([
    "11 of 12 symbols have none of these 1m candles, by REST's word: ADAUSDT, BTCUSDT and 9 more.",
    'Traded meanwhile: USDCUSDT.',
    '14 candles without a trade led into it.',
  ]);
  expect(evidenceWords({ ...evidence, lacking: 2, havingSymbols: [], flatsBefore: 0 })).toEqual([
    "2 of 12 symbols have none of these 1m candles, by REST's word: ADAUSDT, BTCUSDT.",
  ]);
});
