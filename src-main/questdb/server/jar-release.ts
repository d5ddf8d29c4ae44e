import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import yauzl from 'yauzl';
import { z } from 'zod';

export const RELEASE_API = 'https://api.github.com/repos/questdb/questdb/releases/tags';

const releaseSchema = z.object({
  assets: z.array(
    z.object({
      name: z.string(),
      size: z.number().int().positive().max(400_000_000),
      digest: z.string().nullish(),
      browser_download_url: z.url(),
    }),
  ),
});

export interface ReleaseOptions {
  /** Address to which `/<version>` is added. */
  api: string;
  version: string;
  folder: string;
  onProgress?: ((sentence: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Loads QuestDB's own bundle without a JRE, checks the digest that the release API states, and takes the jar out. Its version is
 * read from its manifest. Answers with the jar's path in `folder`.
 */
export async function downloadReleaseJar(options: ReleaseOptions): Promise<string> {
  const { api, version, folder, onProgress } = options;
  const answer = await load(`${api}/${version}`, options, 2_000_000);
  const { assets } = releaseSchema.parse(JSON.parse(answer.toString('utf8')));
  const asset = assets.find(({ name }) => name === `questdb-${version}-no-jre-bin.tar.gz`);
  if (!asset) throw new Error(`release ${version} has no bundle without a JRE`);
  const digest = /^sha256:([0-9a-f]{64})$/.exec(asset.digest ?? '')?.[1];
  if (!digest) throw new Error('the release states no SHA-256 for its bundle');
  const total = Math.ceil(asset.size / 1e6);
  const bundle = await load(asset.browser_download_url, options, asset.size, (bytes) =>
    onProgress?.(`Downloading QuestDB ${version} (${Math.floor(bytes / 1e6)} of ${total} MB)`),
  );
  if (createHash('sha256').update(bundle).digest('hex') !== digest)
    throw new Error('the bundle does not match the SHA-256 that its release states');
  onProgress?.(`Unpacking QuestDB ${version}`);
  const jar = join(folder, 'questdb.jar');
  writeFileSync(jar, entryOfTar(await promisify(gunzip)(bundle), /(^|\/)questdb\.jar$/));
  const found = await jarVersion(jar);
  if (found !== version) throw new Error(`the bundle holds QuestDB ${found ?? 'of unknown version'}`);
  return jar;
}

async function load(
  url: string,
  { signal }: ReleaseOptions,
  limit: number,
  onBytes?: (bytes: number) => void,
): Promise<Buffer> {
  const stalled = new AbortController();
  const patience = () => setTimeout(() => stalled.abort(new Error('no bytes for 30 s')), 30_000);
  let timer = patience();
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/octet-stream, application/json', 'user-agent': 'tapemend' },
      signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
    });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status} from ${new URL(url).host}`);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body) {
      clearTimeout(timer);
      timer = patience();
      bytes += part.byteLength;
      if (bytes > limit) throw new Error('more bytes than announced');
      parts.push(part);
      onBytes?.(bytes);
    }
    return Buffer.concat(parts);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : null;
    throw cause ? new Error(`${new URL(url).host} cannot be reached (${cause.message})`) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Content of the first plain file of a tar whose path matches. */
export function entryOfTar(tar: Buffer, path: RegExp): Buffer {
  const text = (from: number, to: number) =>
    tar
      .toString('utf8', from, to)
      .replace(/\0[\s\S]*$/, '')
      .trim();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, at + 136) || '0', 8);
    if (!Number.isInteger(size) || size < 0) break;
    const prefix = text(at + 345, at + 500);
    const name = `${prefix ? `${prefix}/` : ''}${text(at, at + 100)}`;
    const kind = text(at + 156, at + 157);
    if (path.test(name) && (kind === '' || kind === '0')) {
      if (at + 512 + size > tar.length) break;
      return tar.subarray(at + 512, at + 512 + size);
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error('the bundle holds no questdb.jar');
}

/** `Implementation-Version` of a jar's manifest; null when it states none. */
export async function jarVersion(path: string): Promise<string | null> {
  const zip = await promisify<string, yauzl.Options, yauzl.ZipFile>(yauzl.open)(path, { lazyEntries: true });
  try {
    const manifest = await new Promise<Buffer | null>((resolve, reject) => {
      zip.on('error', reject);
      zip.on('end', () => resolve(null));
      zip.on('entry', (entry: yauzl.Entry) => {
        if (entry.fileName !== 'META-INF/MANIFEST.MF' || entry.uncompressedSize > 100_000) return zip.readEntry();
        zip.openReadStream(entry, (error, stream) => {
          if (error) return reject(error);
          const parts: Buffer[] = [];
          stream.on('data', (part: Buffer) => parts.push(part));
          stream.on('error', reject);
          stream.on('end', () => resolve(Buffer.concat(parts)));
        });
      });
      zip.readEntry();
    });
    return /^Implementation-Version: (\S+)/m.exec(manifest?.toString('utf8') ?? '')?.[1] ?? null;
  } finally {
    zip.close();
  }
}
