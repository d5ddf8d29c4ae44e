import type { OutageEntry } from '@shared/contract';
import { expect, it } from 'vitest';
import { SHIPPED_ENTRIES } from './outage-catalogue';
import { outagesText, readOutagesText } from './outage-file';

const OWN: OutageEntry = {
  id: '3f1d0c2b9a88',
  origin: 'own',
  market: 'um',
  from: 1_700_000_000_000,
  to: 1_700_000_600_000,
  sources: 4,
  remark: 'said "maintenance"',
  evidence: {
    interval: '1m',
    asked: 5,
    lacking: 4,
    lackingSymbols: ['A', 'B'],
    havingSymbols: ['C'],
    flatsBefore: 2,
  },
};

it('a catalogue comes back otherwise than it was exported', () => {
  const entries = [...SHIPPED_ENTRIES, OWN];
  expect(readOutagesText(outagesText({ version: '1.3', entries }), 'f')).toEqual(entries);
});

it('a file that was changed, cut off or is something else is taken for a catalogue', () => {
  const text = outagesText({ version: '1.3', entries: [OWN] });
  const refusal = (changed: string) => () => readOutagesText(changed, 'stops.json');
  expect(refusal(text.replace('1700000600000', '1700009600000'))).toThrow(/stops\.json was changed.*SHA-256/);
  expect(refusal(text.replace('"flatsBefore": 2', '"flatsBefore": 3'))).toThrow(/SHA-256/);
  expect(refusal(text.slice(0, -20))).toThrow(/no JSON/);
  expect(refusal('{"entries":[]}')).toThrow(/format is wrong/);
  expect(refusal(text.replace('"market": "um"', '"market": "moon"'))).toThrow(/entries\.0\.market/);
  expect(refusal(text.replace('1700000600000', '1600000000000'))).toThrow(/entries\.0/);
});
