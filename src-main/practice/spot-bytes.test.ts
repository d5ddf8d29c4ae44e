import { createHash } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { at, exchangeAt, getBytes, unzip } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

/** Made by the exchange as it was before it knew futures and trades. */
const PAGES = {
  'symbol=BTCUSDT&interval=1m&limit=1000&startTime=2024-05-05': '6e1ae643378d4e9a',
  'symbol=VENBTC&interval=1m&limit=1000&startTime=2018-05-05': '82fa209e5fb435e1',
  'symbol=SHIBUSDT&interval=1h&limit=1000&startTime=2022-05-05': '27ca3f86f88ea13d',
  'symbol=ETHUSDT&interval=1w&limit=300&startTime=2018-01-01': 'dfa8e36b1eb7af67',
};
const FILES = {
  'daily/klines/LINKUSDT/1m/LINKUSDT-1m-2022-03-03.zip': '5bb24e69162716e0',
  'monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2017-12.zip': '263b164f61947d2b',
  'monthly/klines/BTCUSDT/5m/BTCUSDT-5m-2025-01.zip': '8d96fe2b660839c7',
};

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

it('candles of spot are other ones than in earlier versions: recorded figures and pictures would no longer fit', async () => {
  const { exchange } = await exchangeAt('2026-10-15 12:00:30', { weightLimit: 1e9 });
  for (const [query, expected] of Object.entries(PAGES)) {
    const url = `${exchange.restUrl}/api/v3/klines?${query.replace(/\d{4}-\d\d-\d\d$/, (day) => String(at(day)))}`;
    expect([query, digest((await getBytes(url)).body)]).toEqual([query, expected]);
  }
  for (const [key, expected] of Object.entries(FILES)) {
    const { body } = await getBytes(`${exchange.archiveUrl}/data/spot/${key}`);
    expect([key, digest((await unzip(body))[0]!.content)]).toEqual([key, expected]);
  }
});
