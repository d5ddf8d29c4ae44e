import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { candleAt, concatCandles } from '@shared/market';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CsvCandles } from './csv-candles';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-csv-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function open(text: string) {
  const path = join(folder, 'candles.csv');
  writeFileSync(path, text);
  const csv = await CsvCandles.open(path);
  const parts = [];
  for await (const part of csv.read()) parts.push(part);
  return { csv, candles: concatCandles(parts) };
}

const START = 1_502_942_400;
const line = (hour: number) => `${START + hour * 3600},2,3,1,2,${hour}`;

it('rows in any order, over several batches, come in another order than that of time, or with values of other rows', async () => {
  const count = 45_000;
  // A walk through all hours that is nowhere in order.
  const hours = Array.from({ length: count }, (_, index) => (index * 7_919) % count);
  const { csv, candles } = await open(hours.map(line).join('\n'));
  expect([csv.rows, candles.rows]).toEqual([count, count]);
  const wrong = Array.from({ length: count }, (_, hour) => hour).filter(
    (hour) => candles.openTime[hour] !== (START + hour * 3600) * 1_000 || candles.volume[hour] !== hour,
  );
  expect(wrong).toEqual([]);
});

it('a byte order mark, Windows line ends, blank lines or quotes spoil rows, or the hash is not that of the file', async () => {
  const text = `\ufeff"timestamp","open","high","low","close","volume"\r\n\r\n${line(0)}\r\n"${START + 3600}","2","3","1","2","1"\r\n`;
  const { csv, candles } = await open(text);
  expect(candles.rows).toBe(2);
  expect(candleAt(candles, 1)).toMatchObject({ openTime: (START + 3600) * 1_000, volume: 1, trades: Number.NaN });
  expect(csv.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  expect(csv.lacking).toEqual(['quote_volume', 'trades', 'taker_base', 'taker_quote']);
});

it('numbers that a double cannot hold are not told of', async () => {
  const { csv } = await open(`${line(0)}\n${START + 3600},2,3,1,2,0.12345678901234567891`);
  expect(csv.inexact.count).toBe(1);
});

it.each([
  ['', /it has no rows/],
  ['timestamp,open,high,low,close,volume\n', /it has no rows/],
  [`${line(0)}\n${line(1)},5`, /line 2 has 7 fields instead of 6/],
  [`${line(0)}\nyesterday,2,3,1,2,5`, /line 2 has the time "yesterday"/],
  [`timestamp,open,high,low,close,volume\n${START},2,three,1,2,5`, /line 2 has "three" for high/],
])('%j is read as candles', async (text, sentence) => {
  await expect(open(text)).rejects.toMatchObject({
    code: 'usage.bad_file',
    message: expect.stringMatching(sentence),
  });
});
