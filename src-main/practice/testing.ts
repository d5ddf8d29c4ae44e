import { buffer } from 'node:stream/consumers';
import { afterEach } from 'vitest';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import { type PracticeExchange, startPracticeExchange } from './exchange';
import type { PracticeOptions } from './options';

/** For tests: an exchange at a settable moment, closed after the test. */
export async function exchangeAt(
  moment: string,
  options: PracticeOptions = {},
): Promise<{ exchange: PracticeExchange; clock: { now: number } }> {
  const clock = { now: at(moment) };
  const exchange = await startPracticeExchange({ now: () => clock.now, ...options });
  running.push(exchange);
  return { exchange, clock };
}

const running: PracticeExchange[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((exchange) => exchange.close()));
});

/** `2020-01-01 00:00` in epoch ms. */
export function at(text: string): number {
  return Date.parse(text.length > 10 ? `${text.replace(' ', 'T')}Z` : `${text}T00:00Z`);
}

export type Row = [number, string, string, string, string, string, number, string, number, string, string, string];

/** `GET path` with its status, headers and parsed JSON. */
export async function getJson<T = unknown>(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

export async function getBytes(url: string): Promise<{ status: number; headers: Headers; body: Buffer }> {
  const response = await fetch(url);
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

/** Name, compression method (8 = deflate) and bytes of every member of a zip. */
export async function unzip(zip: Buffer): Promise<{ name: string; method: number; content: Buffer }[]> {
  const members: { name: string; method: number; content: Buffer }[] = [];
  const file = await new Promise<ZipFile>((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened)));
  });
  await new Promise<void>((resolve, reject) => {
    file.on('error', reject);
    file.on('end', resolve);
    file.on('entry', (entry: Entry) => {
      file.openReadStream(entry, async (error, stream) => {
        if (error) return reject(error);
        const content = await buffer(stream);
        members.push({ name: entry.fileName, method: entry.compressionMethod, content });
        file.readEntry();
      });
    });
    file.readEntry();
  });
  return members;
}
