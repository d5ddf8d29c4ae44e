import { createHash } from 'node:crypto';
import { type CandleSeries, candleSeries } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalHash,
  canonicalJsonV1,
  codeHash,
  nodeIdsCrc32,
  nodeIdV1,
  type StreamConfig,
  seriesOfStreamConfig,
  streamConfig,
  streamNodeId,
} from './node-ids';
import { sha3Hex } from './sha3';
import { hasVectors, untag, vectors } from './vectors';

interface IdCase {
  name: string;
  node_type: string;
  code_source: string | null;
  config: unknown;
  schema: unknown;
  code_hash: string;
  config_hash: string;
  schema_hash: string;
  node_id: string;
}

describe('canonicalJsonV1', () => {
  it.skipIf(!hasVectors)('a text differs from the one QMTL hashes', () => {
    const cases = vectors<{ name: string; value: unknown; text: string; sha256: string }[]>('canonical_json_v1');
    expect(cases.length).toBeGreaterThan(15);
    for (const { name, value, text, sha256 } of cases) {
      expect(canonicalJsonV1(untag(value)), name).toBe(text);
      expect(canonicalHash(untag(value)), name).toBe(sha256);
    }
  });

  it.each([0.5, Number.NaN, 2 ** 53, undefined, new Date(0), new Map(), '\ud800', 'a\udc00b', () => 1])(
    'a value that Python prints differently is hashed all the same: %s',
    (value) => {
      expect(() => canonicalJsonV1({ a: [value] })).toThrow(/\$\.a\[0\]/);
    },
  );

  it('the text is no JSON of the same value', () => {
    // Numbers that Python prints differently are refused, see above.
    const { tree: value } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false),
        fc.maxSafeInteger().map((each) => each || 0),
        fc.string({ unit: 'grapheme' }),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(value, (each) => {
        expect(JSON.parse(canonicalJsonV1(each))).toEqual(JSON.parse(JSON.stringify(each)));
      }),
    );
  });
});

describe('node ids', () => {
  it.skipIf(!hasVectors)('a code hash differs from QMTL', () => {
    for (const { source, sha256 } of vectors<{ source: string | null; sha256: string }[]>('code_hash'))
      expect(codeHash(source)).toBe(sha256);
  });

  it.skipIf(!hasVectors)('a v1 id differs from QMTL', () => {
    const { cases, raw } = vectors<{
      cases: IdCase[];
      raw: { args: string[]; existing_ids?: string[]; node_id: string }[];
    }>('node_ids_v1');
    expect(cases.length).toBe(16);
    for (const each of cases) {
      const parts = {
        nodeType: each.node_type,
        codeHash: codeHash(each.code_source),
        configHash: canonicalHash(untag(each.config)),
        schemaHash: canonicalHash(untag(each.schema)),
      };
      expect(parts.configHash, each.name).toBe(each.config_hash);
      expect(parts.schemaHash, each.name).toBe(each.schema_hash);
      expect(nodeIdV1(parts), each.name).toBe(each.node_id);
    }
    for (const { args, existing_ids, node_id } of raw) {
      const [nodeType = '', code = '', configHash = '', schemaHash = ''] = args;
      expect(nodeIdV1({ nodeType, codeHash: code, configHash, schemaHash }, new Set(existing_ids))).toBe(node_id);
    }
  });

  it('the SHA3 for taken ids differs from the platform one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        expect(sha3Hex(text)).toBe(createHash('sha3-256').update(text, 'utf8').digest('hex'));
      }),
      { numRuns: 25 },
    );
  });

  it.skipIf(!hasVectors)('a checksum differs from QMTL', () => {
    for (const { ids, crc32 } of vectors<{ ids: string[]; crc32: number }[]>('crc32'))
      expect(nodeIdsCrc32(ids)).toBe(crc32);
  });

  it.skipIf(!hasVectors)('a series gets another id than its stream', () => {
    const cases = vectors<{ config: StreamConfig; config_text_v1: string; node_id_v1: string }[]>('stream_identities');
    expect(cases).toHaveLength(6);
    for (const each of cases) {
      const series = seriesOfStreamConfig({ ...each.config }) as CandleSeries;
      expect(canonicalJsonV1(streamConfig(series))).toBe(each.config_text_v1);
      expect(streamNodeId(series)).toBe(each.node_id_v1);
    }
  });

  it('a minute and a month are confused', () => {
    expect(streamConfig(candleSeries('BTCUSDT', '1m')).interval).toBe(60);
    expect(streamNodeId(candleSeries('BTCUSDT', '1M'))).not.toBe(streamNodeId(candleSeries('BTCUSDT', '1m')));
    expect(seriesOfStreamConfig({ ...streamConfig(candleSeries('BTCUSDT', '1M')) })?.interval).toBe('1M');
  });

  it.each([{}, { exchange: 'kraken' }, { exchange: 'binance', market: 'spot', symbol: 'BTCUSDT', interval: 61 }])(
    'a foreign config passes for a series: %j',
    (config) => {
      expect(seriesOfStreamConfig(config)).toBeNull();
    },
  );
});
