import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DAY_MS } from '@shared/market';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { launchPracticeExchange } from './launch';
import { at, exchangeAt, getBytes, getJson, type Row, unzip } from './testing';

// Patience for busy cores; nothing here measures time.
vi.setConfig({ testTimeout: 90_000 });

const ROOT = resolve(import.meta.dirname, '../../../shared/data');
const REAL = join(ROOT, 'lostleaf+binance_datatool/tests/data');
const REAL_HOURS = join(ROOT, 'tommy-ca+binance_datatool/tests/fixture/binance/data/spot/daily/klines/BTCUSDT/1h');
const DAYS = ['2020-01-01', '2020-01-02', '2020-01-03'];
const FOLDER = 'data/spot/daily/klines/BTCUSDT/1m/';

async function linesOf(zip: Buffer): Promise<string[]> {
  return (await unzip(zip))[0]!.content.toString('latin1').trimEnd().split('\n');
}

/** A kline row as a line of an archive file in milliseconds. */
function lineOf(row: Row): string {
  return row.join(',');
}

describe('a data root of real files', () => {
  it.skipIf(!existsSync(REAL))('serves other bytes than the files have, or does not list them', async () => {
    const { exchange } = await exchangeAt('2026-10-15', { dataRoot: ROOT });
    const listing = await getBytes(`${exchange.archiveListUrl}?delimiter=/&prefix=${FOLDER}BTCUSDT-1m-2020-01-0`);
    for (const day of DAYS) {
      const name = `BTCUSDT-1m-${day}.zip`;
      const zip = readFileSync(join(REAL, name));
      expect((await getBytes(`${exchange.archiveUrl}/${FOLDER}${name}`)).body.equals(zip)).toBe(true);
      const checksum = await getBytes(`${exchange.archiveUrl}/${FOLDER}${name}.CHECKSUM`);
      expect(checksum.body.equals(readFileSync(join(REAL, `${name}.CHECKSUM`)))).toBe(true);
      const entry = new RegExp(`<Key>${FOLDER}${name}</Key>[^K]*<Size>(\\d+)<`).exec(listing.body.toString());
      expect(Number(entry?.[1])).toBe(zip.length);
      expect(listing.body.toString()).toContain(`<Key>${FOLDER}${name}.CHECKSUM</Key>`);
    }
  });

  it.skipIf(!existsSync(REAL))('answers other rows by REST than the real days have', async () => {
    const { exchange } = await exchangeAt('2026-10-15', { dataRoot: ROOT });
    const real = (
      await Promise.all(DAYS.map((day) => linesOf(readFileSync(join(REAL, `BTCUSDT-1m-${day}.zip`)))))
    ).flat();
    const rows: string[] = [];
    for (let cursor = at(DAYS[0]!); ; ) {
      const { body } = await getJson<Row[]>(
        `${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000&startTime=${cursor}&endTime=${at('2020-01-04') - 1}`,
      );
      rows.push(...body.map(lineOf));
      if (body.length < 1_000) break;
      cursor = body.at(-1)![0] + 1;
    }
    expect(rows).toHaveLength(4_320);
    expect(rows).toEqual(real);
  });

  it.skipIf(!existsSync(REAL))('makes a month that lacks or doubles minutes around the real days', async () => {
    const { exchange } = await exchangeAt('2026-10-15', { dataRoot: ROOT });
    const month = await getBytes(`${exchange.archiveUrl}/data/spot/monthly/klines/BTCUSDT/1m/BTCUSDT-1m-2020-01.zip`);
    const lines = await linesOf(month.body);
    const opens = lines.map((line) => Number(line.slice(0, 13)));
    expect(opens).toEqual(Array.from({ length: 31 * 1_440 }, (_, i) => at('2020-01-01') + i * 60_000));
    expect(lines.slice(0, 1_440)).toEqual(await linesOf(readFileSync(join(REAL, `BTCUSDT-1m-${DAYS[0]}.zip`))));
  });

  it.skipIf(!existsSync(REAL_HOURS))('reads microseconds of a file as another time', async () => {
    const { exchange } = await exchangeAt('2026-10-15', { dataRoot: ROOT });
    const name = 'BTCUSDT-1h-2026-05-08.zip';
    const zip = readFileSync(join(REAL_HOURS, name));
    expect((await getBytes(`${exchange.archiveUrl}/${FOLDER.replace('1m', '1h')}${name}`)).body.equals(zip)).toBe(true);
    const { body } = await getJson<Row[]>(
      `${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1h&startTime=${at('2026-05-08')}&endTime=${at('2026-05-09') - 1}`,
      { 'X-MBX-TIME-UNIT': 'MICROSECOND' },
    );
    expect(body.map(lineOf)).toEqual(await linesOf(zip));
  });

  it.skipIf(!existsSync(REAL))('does not reach an exchange in a thread of its own', async () => {
    const exchange = await launchPracticeExchange({ dataRoot: ROOT });
    onTestFinished(() => exchange.close());
    const row = await getJson<Row[]>(
      `${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=${at('2020-01-01')}&limit=1`,
    );
    expect(row.body[0]!.slice(0, 2)).toEqual([at('2020-01-01'), '7195.24000000']);
  });

  it.skipIf(!existsSync(REAL))(
    'a fault does not strike real files, or its CHECKSUM is no longer of the zip',
    async () => {
      const { exchange } = await exchangeAt('2026-10-15', { dataRoot: REAL });
      const key = `${FOLDER}BTCUSDT-1m-2020-01-02.zip`;
      exchange.setFaults([{ match: { kind: 'checksum' }, effect: 'bad_checksum' }]);
      expect((await getBytes(`${exchange.archiveUrl}/${key}.CHECKSUM`)).body.toString()).toMatch(/^f{64} {2}BTCUSDT/);
      exchange.setFaults([{ match: { kind: 'archive' }, effect: 'truncated_day' }]);
      const zip = (await getBytes(`${exchange.archiveUrl}/${key}`)).body;
      const real = await linesOf(readFileSync(join(REAL, 'BTCUSDT-1m-2020-01-02.zip')));
      expect(await linesOf(zip)).toEqual(real.slice(0, 720));
      const checksum = (await getBytes(`${exchange.archiveUrl}/${key}.CHECKSUM`)).body.toString();
      expect(checksum.slice(0, 64)).toBe(createHash('sha256').update(zip).digest('hex'));
    },
  );

  it('takes a folder that is not there, or a broken zip, without a word', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-root-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    await expect(exchangeAt('2026-10-15', { dataRoot: join(folder, 'nowhere') })).rejects.toMatchObject({
      code: 'usage.practice_data_root',
      message: expect.stringContaining(join(folder, 'nowhere')),
    });
    writeFileSync(join(folder, 'BTCUSDT-1m-2020-01-01.zip'), 'no zip');
    await expect(exchangeAt('2026-10-15', { dataRoot: folder })).rejects.toMatchObject({
      code: 'usage.practice_data_root',
      message: expect.stringContaining('BTCUSDT-1m-2020-01-01.zip'),
    });
  });

  it.skipIf(!existsSync(REAL))('a zip without its CHECKSUM beside it cannot be verified', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'practice-root-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'deep'));
    const name = `BTCUSDT-1m-${DAYS[0]}.zip`;
    copyFileSync(join(REAL, name), join(folder, 'deep', name));
    const { exchange } = await exchangeAt('2026-10-15', { dataRoot: folder });
    const checksum = await getBytes(`${exchange.archiveUrl}/${FOLDER}${name}.CHECKSUM`);
    expect(checksum.body.toString()).toBe(
      `${createHash('sha256')
        .update(readFileSync(join(REAL, name)))
        .digest('hex')}  ${name}`,
    );
    const next = await getJson<Row[]>(
      `${exchange.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=${at('2020-01-01') + DAY_MS}&limit=1`,
    );
    expect(next.body[0]![0]).toBe(at('2020-01-02'));
  });
});
