import { Agent, request } from 'node:http';
import { launchPracticeExchange } from '../src-main/practice';
import { type Figure, type Measure, timed } from './measure';

/** More than any client here has: the server is never left waiting. */
const CONNECTIONS = 32;
const DAY_MS = 86_400_000;

/** What a server gave when it was asked as fast as it answers. */
export interface Ceiling {
  requestsPerSecond: number;
  bytesPerSecond: number;
}

/** Asks for every address once, over many kept connections, and leaves the answers unread but counted. */
export async function ceilingOf(urls: readonly string[]): Promise<Ceiling> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let next = 0;
  let bytes = 0;
  const lane = async () => {
    while (next < urls.length) {
      const size = await sizeOf(urls[next++]!, agent);
      bytes += size;
    }
  };
  try {
    const { ms } = await timed(() => Promise.all(Array.from({ length: CONNECTIONS }, lane)));
    return { requestsPerSecond: (urls.length * 1000) / ms, bytesPerSecond: (bytes * 1000) / ms };
  } finally {
    agent.destroy();
  }
}

/** Each zip with its CHECKSUM, as a backfill asks; counted as one. */
export async function archiveCeiling(archiveUrl: string, keys: readonly string[]): Promise<Ceiling> {
  const ceiling = await ceilingOf(keys.flatMap((key) => [`${archiveUrl}/${key}`, `${archiveUrl}/${key}.CHECKSUM`]));
  return { ...ceiling, requestsPerSecond: ceiling.requestsPerSecond / 2 };
}

function sizeOf(url: string, agent: Agent): Promise<number> {
  return new Promise((done, fail) => {
    const outgoing = request(url, { agent }, (incoming) => {
      let size = 0;
      incoming.on('data', (part: Buffer) => {
        size += part.length;
      });
      incoming.once('error', fail);
      incoming.once('end', () => {
        if (incoming.statusCode === 200) done(size);
        else fail(new Error(`${url} was answered with ${incoming.statusCode}`));
      });
    });
    outgoing.once('error', fail);
    outgoing.end();
  });
}

/** Addresses of pages of 1m candles, one behind the other. */
export function klinesUrls(restUrl: string, path: string, symbol: string, limit: number, pages: number): string[] {
  const from = Date.UTC(2023, 0, 1);
  return Array.from({ length: pages }, (_, page) => {
    const start = from + page * limit * 60_000;
    return `${restUrl}${path}?symbol=${symbol}&interval=1m&startTime=${start}&endTime=${start + limit * 60_000 - 1}&limit=${limit}`;
  });
}

const PINGS = 10_000;
const PAGES = 1_000;
const DAYS = 365;

export const practice: Measure = {
  name: 'practice',
  how:
    `What the practice exchange can serve at most, in a thread of its own, asked over ${CONNECTIONS} kept connections by one other thread that does nothing with the answers. Pages and archives are ` +
    'asked for twice: the first time they are made, the second time they are remembered (archives in memory). Other measures say how far below these figures they are.',
  async run() {
    const server = await launchPracticeExchange({
      weightLimit: 10_000_000,
      futuresWeightLimit: 10_000_000,
      archiveCacheBytes: 256 << 20,
    });
    try {
      const pings = await ceilingOf(Array.from({ length: PINGS }, () => `${server.restUrl}/api/v3/ping`));
      const pages = klinesUrls(server.restUrl, '/api/v3/klines', 'BTCUSDT', 1000, PAGES);
      const first = await ceilingOf(pages);
      const again = await ceilingOf(pages);
      const futures = await ceilingOf(klinesUrls(server.restUrl, '/fapi/v1/klines', 'BTCUSDT', 499, PAGES));
      const keys = Array.from({ length: DAYS }, (_, day) => {
        const date = new Date(Date.UTC(2023, 0, 1) + day * DAY_MS).toISOString().slice(0, 10);
        return `data/spot/daily/klines/BTCUSDT/1m/BTCUSDT-1m-${date}.zip`;
      });
      const made = await archiveCeiling(server.archiveUrl, keys);
      const kept = await archiveCeiling(server.archiveUrl, keys);
      return figuresOf({ pings, first, again, futures, made, kept });
    } finally {
      await server.close();
    }
  },
};

function figuresOf(ceilings: Record<'pings' | 'first' | 'again' | 'futures' | 'made' | 'kept', Ceiling>): Figure[] {
  const rows = ({ requestsPerSecond }: Ceiling, limit: number) =>
    `${Math.round((requestsPerSecond * limit) / 1000)} k rows/s (${Math.round(requestsPerSecond)} pages/s)`;
  const files = (ceiling: Ceiling) => `${Math.round(ceiling.requestsPerSecond)} files/s, ${megabytes(ceiling)}`;
  const told = { goal: '', met: null };
  return [
    { name: 'pings', value: `${Math.round(ceilings.pings.requestsPerSecond)}/s`, ...told },
    { name: 'spot pages of 1000 candles, made', value: rows(ceilings.first, 1000), ...told },
    { name: 'the same again', value: rows(ceilings.again, 1000), ...told },
    { name: 'USD-M pages of 499 candles, made', value: rows(ceilings.futures, 499), ...told },
    { name: 'daily archives of 1m, made', value: files(ceilings.made), ...told },
    { name: 'daily archives, remembered', value: files(ceilings.kept), ...told },
  ];
}

function megabytes({ bytesPerSecond }: Ceiling): string {
  return `${(bytesPerSecond / 1e6).toFixed(0)} MB/s`;
}
