import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { candleSeries, intervalSeconds } from '@shared/market';
import { archiveFileName, archiveRange, readKlineArchive } from '../src-main/binance';
import { streamNodeId } from '../src-main/dag';
import { encodeCandleLines, type QuestDbAddress } from '../src-main/questdb';
import { type ArchiveFiles, keyOf } from './archive-files';

/** Lines ready to be posted: what is left of a backfill when everything but the database costs nothing. */
export interface EncodedRows {
  bodies: Uint8Array[];
  rows: number;
}

/** The rows of the archives, encoded for another table, a month to a request as the product sends them. */
export async function encodeArchives({ folder, symbol, months }: ArchiveFiles, table: string): Promise<EncodedRows> {
  const series = candleSeries(symbol, '1m');
  const target = { table, nodeId: streamNodeId(series), intervalSeconds: intervalSeconds('1m') };
  const bodies: Uint8Array[] = [];
  let rows = 0;
  for (const month of months) {
    const key = keyOf(symbol, month);
    const { candles } = await readKlineArchive({
      zip: readFileSync(join(folder, key)),
      checksum: readFileSync(join(folder, `${key}.CHECKSUM`), 'utf8'),
      file: archiveFileName(symbol, '1m', month),
      symbol,
      interval: '1m',
      range: archiveRange(month),
    });
    rows += candles.rows;
    bodies.push(encodeCandleLines(candles, 0, candles.rows, target));
  }
  return { bodies, rows };
}

/** Posts every body over so many keep-alive connections, each taking the next when its last is answered. */
export async function postBodies(
  { httpUrl, httpUser, httpPassword }: QuestDbAddress,
  bodies: readonly Uint8Array[],
  connections: number,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const headers: Record<string, string> = {};
  if (httpUser !== undefined)
    headers.authorization = `Basic ${Buffer.from(`${httpUser}:${httpPassword ?? ''}`).toString('base64')}`;
  const queue = [...bodies];
  const lane = async () => {
    for (let body = queue.shift(); body; body = queue.shift())
      await post(`${httpUrl}/write?precision=ms`, body, agent, headers);
  };
  try {
    await Promise.all(Array.from({ length: connections }, lane));
  } finally {
    agent.destroy();
  }
}

function post(url: string, body: Uint8Array, agent: Agent, headers: Record<string, string>): Promise<void> {
  return new Promise((done, fail) => {
    const options = { method: 'POST', agent, headers: { ...headers, 'content-length': body.byteLength } };
    const outgoing = request(url, options, (incoming) => {
      incoming.resume().once('end', () => {
        if (incoming.statusCode === 204) done();
        else fail(new Error(`QuestDB answered ${incoming.statusCode}`));
      });
    });
    outgoing.once('error', fail);
    outgoing.end(body);
  });
}
