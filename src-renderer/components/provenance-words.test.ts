import type { ProvenanceSpan } from '@shared/contract';
import { describe, expect, it } from 'vitest';
import { newestFirst, originWords, shortHash, sourceTally } from './provenance-words';

const span = (part: Partial<ProvenanceSpan>): ProvenanceSpan => ({
  from: 0,
  to: 10,
  source: 'archiveMonthly',
  file: null,
  sha256: null,
  etag: null,
  request: null,
  jobId: 'job',
  at: 0,
  ...part,
});

describe('provenance in words', () => {
  it('counts a file once for every piece of it that still stands', () => {
    const file = 'BTCUSDT-1m-2021-02.zip';
    const spans = [
      span({ file }),
      span({ file, from: 20 }),
      span({ source: 'rest' }),
      span({ source: 'rest' }),
      span({ source: 'archiveDaily', file: 'BTCUSDT-1m-2021-03-01.zip' }),
    ];
    expect(sourceTally(spans)).toBe('1 monthly file · 1 daily file · 2 REST answers');
  });

  it('takes answers of older versions, which name no file, for one', () => {
    expect(sourceTally([span({ at: 1 }), span({ at: 2 })])).toBe('2 monthly files');
  });

  it('shows the oldest answers', () => {
    expect(newestFirst([span({ at: 1 }), span({ at: 3 }), span({ at: 2 })]).map(({ at }) => at)).toEqual([3, 2, 1]);
  });

  it('spends the room on a host’s name, or cuts a file’s', () => {
    expect(originWords(span({ request: 'https://example.test/api/v3/klines?symbol=A' }))).toBe(
      '/api/v3/klines?symbol=A',
    );
    expect(originWords(span({ request: '/api/v3/klines?symbol=A' }))).toBe('/api/v3/klines?symbol=A');
    expect(originWords(span({ file: 'a.zip', request: 'x' }))).toBe('a.zip');
    expect(originWords(span({}))).toBeNull();
  });

  it('shortens what is short', () => {
    expect(shortHash('abc')).toBe('abc');
    expect(shortHash('0123456789abcdef')).toBe('0123456789ab…');
  });
});
