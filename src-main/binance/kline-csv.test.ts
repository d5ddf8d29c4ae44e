import { CANDLE_FIELDS, candleAt, createCandleColumns } from '@shared/market';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDecimal, survivesDouble } from './decimal';
import { parseKlineCsv } from './kline-csv';

const lineError = (line: number, reason: string) => new Error(`${line}: ${reason}`);
const parse = (csv: string, expectedRows = 4) =>
  parseKlineCsv(new TextEncoder().encode(csv), { expectedRows, lineError });

/** Decimals as the exchanges write them: any number of digits before the point, mostly eight behind it. */
const decimal = fc
  .tuple(
    fc.bigInt(0n, 10n ** 14n),
    fc.oneof(fc.constant(8), fc.integer({ min: 0, max: 20 })),
    fc.bigInt(0n, 10n ** 20n),
  )
  .map(([whole, places, digits]) =>
    places === 0 ? String(whole) : `${whole}.${String(digits).padStart(places, '0').slice(0, places)}`,
  );

it('no decimal becomes another double than the nearest, and none that changed stays unsaid', () => {
  fc.assert(
    fc.property(fc.array(fc.array(decimal, { minLength: 9, maxLength: 9 }), { minLength: 1, maxLength: 9 }), (rows) => {
      const csv = rows.map(
        ([o, h, l, c, v, q, n, tb, tq], i) =>
          `${1577836800000 + i},${o},${h},${l},${c},${v},1577836859999,${q},${n},${tb},${tq},0\n`,
      );
      const { candles, inexact } = parse(csv.join(''));
      expect(candles.rows).toBe(rows.length);
      const fields = [
        'open',
        'high',
        'low',
        'close',
        'volume',
        'quoteVolume',
        'trades',
        'takerBase',
        'takerQuote',
      ] as const;
      const values = rows.map((_, i) => fields.map((field) => candles[field][i]));
      expect(values).toEqual(rows.map((row) => row.map(Number)));
      expect(inexact.count).toBe(rows.flat().filter((text) => !survivesDouble(text, Number(text))).length);
    }),
  );
});

it('a text survives exactly when its digits come back from the double', () => {
  for (const text of [
    '0.1',
    '0.10000000',
    '76636658.96208970',
    '1e-7',
    '0.00000001',
    '123456789012345',
    '0',
    '0.00000000',
  ]) {
    expect([text, survivesDouble(text, Number(text))]).toEqual([text, true]);
  }
  for (const text of ['76636658.96208971', '9007199254740993', '0.12345678901234567']) {
    expect([text, survivesDouble(text, Number(text))]).toEqual([text, false]);
  }
});

it('texts that Number() would take but no exchange means are refused', () => {
  for (const text of ['', ' 1', '0x10', '1_000', 'Infinity', '.5', '5.', '1e', '--1']) {
    expect([text, parseDecimal(text)]).toEqual([text, Number.NaN]);
  }
});

it('more rows than expected are not lost', () => {
  const row = (i: number) => `${1577836800000 + i},1,1,1,1,1,1577836859999,1,1,1,1,0\n`;
  const { candles } = parse(Array.from({ length: 100 }, (_, i) => row(i)).join(''), 1);
  expect([...candles.openTime.subarray(0, candles.rows)]).toEqual(
    Array.from({ length: 100 }, (_, i) => 1577836800000 + i),
  );
});

it('any damage to the bytes is either refused or leaves whole rows', () => {
  const good = Array.from(
    { length: 3 },
    (_, i) =>
      `${1577836800000 + i * 60000},1.50000000,2.00000000,1.00000000,1.75000000,3.00000000,${1577836859999 + i * 60000},4.00000000,5,1.00000000,1.50000000,0\n`,
  ).join('');
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const bytes = new TextEncoder().encode(good);
      bytes[at] = byte;
      try {
        const { candles } = parseKlineCsv(bytes, { expectedRows: 3, lineError });
        for (const value of candles.open.subarray(0, candles.rows)) expect(Number.isNaN(value)).toBe(false);
      } catch (error) {
        expect(String(error)).toMatch(/^Error: [123]: /);
      }
    }),
  );
});

it('what lay in lent columns shows through, or a field goes to another column', () => {
  const columns = createCandleColumns(8);
  for (const field of CANDLE_FIELDS) columns[field].fill(-7);
  const csv =
    '1577836800000,1,2.5,0.5,1.75,100,1577836859999,4,5,1.5,2.25,0\n1577836860000000,1,1,1,1,1,1577836919999999,1,1,1,3,0\n';
  const { candles } = parseKlineCsv(new TextEncoder().encode(csv), { expectedRows: 8, lineError, columns });
  expect(candles).toBe(columns);
  expect(candles.rows).toBe(2);
  expect(candleAt(candles, 0)).toEqual({
    openTime: 1577836800000,
    open: 1,
    high: 2.5,
    low: 0.5,
    close: 1.75,
    volume: 100,
    quoteVolume: 4,
    trades: 5,
    takerBase: 1.5,
    takerQuote: 2.25,
  });
  expect(candleAt(candles, 1)).toMatchObject({ openTime: 1577836860000, takerQuote: 3 });
});

it('a close time of another form is refused with its row, or shifts the fields behind it', () => {
  for (const close of ['1577836859', '1577836859.5', '1577836859999999', '']) {
    const csv = `1577836800000,1,1,1,1,1,${close},4,5,1,2,0\n`;
    if (close === '') expect(() => parse(csv)).toThrow('1: field 7');
    else expect(candleAt(parse(csv).candles, 0)).toMatchObject({ quoteVolume: 4, trades: 5, takerQuote: 2 });
  }
});
