import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findJar, QUESTDB_VERSION } from './jar';

let folder: string;
let server: Server | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapemend-jar-'));
});
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
  rmSync(folder, { recursive: true, force: true });
});

/** A zip with one entry, as small as the format allows. */
function jarOf(version: string): Buffer {
  const name = Buffer.from('META-INF/MANIFEST.MF');
  const content = Buffer.from(`Manifest-Version: 1.0\r\nImplementation-Version: ${version}\r\n`);
  const packed = deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, packed]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function tarOf(entries: [string, Buffer][]): Buffer {
  const blocks = entries.flatMap(([name, content]) => {
    const head = Buffer.alloc(512);
    head.write(name, 0);
    head.write(content.length.toString(8).padStart(11, '0'), 124);
    head.write('0', 156);
    return [head, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

interface Release {
  jar?: Buffer;
  digest?: string | null;
  cut?: boolean;
}

/** Stands for GitHub: the release API and the bundle. */
async function publish({ jar = jarOf(QUESTDB_VERSION), digest, cut }: Release): Promise<string> {
  const root = `questdb-${QUESTDB_VERSION}-no-jre-bin`;
  const bundle = gzipSync(
    tarOf([
      [`${root}/questdb.sh`, Buffer.from('#!/bin/sh')],
      [`${root}/questdb.jar`, jar],
    ]),
  );
  const stated = digest === undefined ? `sha256:${createHash('sha256').update(bundle).digest('hex')}` : digest;
  server = createServer((request, response) => {
    const { port } = server!.address() as AddressInfo;
    const asset = {
      name: `${root}.tar.gz`,
      size: bundle.length,
      digest: stated,
      browser_download_url: `http://127.0.0.1:${port}/bundle`,
    };
    if (request.url === `/tags/${QUESTDB_VERSION}`) return response.end(JSON.stringify({ assets: [asset] }));
    if (request.url !== '/bundle') return response.writeHead(404).end();
    if (!cut) return response.end(bundle);
    response.writeHead(200, { 'content-length': bundle.length });
    return response.write(bundle.subarray(0, bundle.length >> 1), () => response.destroy());
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/tags`;
}

/** A machine without Maven and without a local repository. */
const bare = () => ({ cache: join(folder, 'cache'), env: { HOME: folder, PATH: '' } });

describe('findJar', () => {
  it('would download again what it has, or leave half of it behind', async () => {
    const progress: string[] = [];
    const releaseApi = await publish({});
    const path = await findJar({ ...bare(), releaseApi, onProgress: (sentence) => progress.push(sentence) });
    expect(path).toBe(join(folder, 'cache', `questdb-${QUESTDB_VERSION}.jar`));
    expect(readFileSync(path)).toEqual(jarOf(QUESTDB_VERSION));
    expect(progress.join('\n')).toMatch(/through Maven[\s\S]*Downloading QuestDB[\s\S]*Unpacking/);
    expect(readdirSync(join(folder, 'cache'))).toHaveLength(1);
    server?.close();
    expect(await findJar({ ...bare(), releaseApi })).toBe(path);
  });

  it.each<[string, Release, RegExp]>([
    ['another version inside', { jar: jarOf('9.9.9') }, /holds QuestDB 9\.9\.9/],
    ['a digest that does not match', { digest: `sha256:${'0'.repeat(64)}` }, /does not match the SHA-256/],
    ['no digest', { digest: null }, /states no SHA-256/],
    ['half of the bytes', { cut: true }, /GitHub: /],
  ])('would run a jar from a bundle with %s', async (_, release, sentence) => {
    const releaseApi = await publish(release);
    const finding = findJar({ ...bare(), releaseApi });
    await expect(finding).rejects.toMatchObject({ code: 'runtime.jar_missing' });
    await expect(finding).rejects.toThrow(sentence);
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });

  it('would leave an offline person without a way out', async () => {
    const releaseApi = 'http://127.0.0.1:9/tags';
    const finding = findJar({ ...bare(), releaseApi });
    await expect(finding).rejects.toThrow(
      /mvn program is not installed.*Connect to the internet.*TAPEMEND_QUESTDB_JAR/s,
    );
  });

  it('would take a damaged jar from the cache or the Maven repository', async () => {
    const repository = join(folder, '.m2', 'repository', 'org', 'questdb', 'questdb', QUESTDB_VERSION);
    mkdirSync(repository, { recursive: true });
    mkdirSync(join(folder, 'cache'));
    writeFileSync(join(repository, `questdb-${QUESTDB_VERSION}.jar`), jarOf(QUESTDB_VERSION));
    writeFileSync(join(folder, 'cache', `questdb-${QUESTDB_VERSION}.jar`), jarOf(QUESTDB_VERSION).subarray(0, 50));
    const path = await findJar({ ...bare(), releaseApi: await publish({}) });
    expect(path).toBe(join(folder, 'cache', `questdb-${QUESTDB_VERSION}.jar`));
    expect(readFileSync(path)).toEqual(jarOf(QUESTDB_VERSION));
  });

  it('would go on after it was cancelled', async () => {
    const releaseApi = await publish({});
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(findJar({ ...bare(), releaseApi, signal })).rejects.toThrow('enough');
    expect(existsSync(join(folder, 'cache', `questdb-${QUESTDB_VERSION}.jar`))).toBe(false);
  });
});
