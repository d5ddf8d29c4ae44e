import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { AppError } from '@shared/contract';
import { DAY_MS } from '@shared/market';
import { fromBuffer } from 'yauzl';
import { parseArchiveKey, spotCandlesKey } from './archive-key';
import { RealCandles } from './real-candles';

export interface RealFile {
  size: number;
  modifiedAt: number;
  etag: string;
  read(): Promise<Buffer>;
}

/** Real archive files by their key in the bucket, and the candles in them; trades are not read, REST answers generated ones. */
export interface DataRoot {
  files: ReadonlyMap<string, RealFile>;
  candles: RealCandles;
}

export function emptyDataRoot(): DataRoot {
  return { files: new Map(), candles: new RealCandles() };
}

/**
 * Finds archive files anywhere under `folder`: below a `data/spot` or `data/futures` folder they keep their path, elsewhere
 * spot klines are told by their name. Throws `AppError` usage.* for a folder or zip that cannot be read.
 */
export async function readDataRoot(folder: string): Promise<DataRoot> {
  const paths = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new AppError(
      'usage.practice_data_root',
      `The practice exchange cannot read its data folder ${folder}; name an existing folder with archive files.`,
      undefined,
      { cause },
    );
  });
  const files = new Map<string, RealFile>();
  const candles = new RealCandles();
  for (const relative of paths.sort()) {
    const key = keyOf(relative.split(sep).join('/'));
    if (!key) continue;
    const path = join(folder, relative);
    const content = await readFile(path);
    const { mtimeMs } = await stat(path);
    files.set(key, {
      size: content.length,
      modifiedAt: mtimeMs,
      etag: createHash('md5').update(content).digest('hex'),
      read: () => readFile(path),
    });
    const parsed = parseArchiveKey(key);
    if (!parsed?.interval || parsed.checksum) continue;
    const csv = await readMember(content, path);
    const id = parsed.market === 'spot' ? parsed.symbol : `${parsed.market}/${parsed.symbol}`;
    candles.add(id, parsed.interval, parsed.range.from / DAY_MS, parsed.range.to / DAY_MS, csv);
  }
  return { files, candles };
}

function keyOf(path: string): string | null {
  if (!/\.zip(\.CHECKSUM)?$/.test(path)) return null;
  const laidOut = /(?:^|\/)(data\/(?:spot|futures)\/.+)$/.exec(path)?.[1];
  if (laidOut) return laidOut;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const match = /^([A-Z0-9_.-]{1,20})-(\d{1,2}[a-z]{1,2})-(\d{4}-\d{2}(-\d{2})?)\.zip(\.CHECKSUM)?$/.exec(name);
  if (!match) return null;
  const [, symbol, interval, date, day, checksum = ''] = match as unknown as [
    string,
    string,
    string,
    string,
    string?,
    string?,
  ];
  const key = spotCandlesKey(day ? 'daily' : 'monthly', symbol, interval, date);
  return parseArchiveKey(key) ? key + checksum : null;
}

/** Text of the only member. */
async function readMember(zip: Buffer, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(
        new AppError(
          'usage.practice_data_root',
          `The archive ${path} cannot be unzipped; take it out of the practice exchange's data folder or fetch it again.`,
          undefined,
          { cause },
        ),
      );
    fromBuffer(zip, { lazyEntries: true }, (openError, file) => {
      if (openError) return fail(openError);
      file.once('entry', (entry) => {
        file.openReadStream(entry, (readError, stream) => {
          if (readError) return fail(readError);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('error', fail);
          stream.on('end', () => resolve(Buffer.concat(parts).toString('latin1')));
        });
      });
      file.once('end', () => fail(new Error('the zip has no member')));
      file.once('error', fail);
      file.readEntry();
    });
  });
}
