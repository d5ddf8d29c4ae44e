import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CANDLE_FIELDS, type CandleColumns, DAY_MS, MINUTE_MS } from '@shared/market';
import { describe, expect, it } from 'vitest';
import { archiveFileName, archiveRange } from './archive-period';
import { type ArchiveRequest, readKlineArchive } from './archive-reader';
import { checksumOf, zipOf } from './zip-fixture';
import { readOnlyMember } from './zip-member';

const DAY = Date.UTC(2020, 0, 1);
const FILE = 'BTCUSDT-1m-2020-01-01.zip';
const STEM = 'BTCUSDT-1m-2020-01-01.csv';

/** A plain row `minute` minutes into the day; overrides by field number. */
function row(minute: number, overrides: Record<number, string> = {}): string {
  const open = DAY + minute * MINUTE_MS;
  const fields = [
    open,
    '10.00000000',
    '12.50000000',
    '9.00000000',
    '11.00000000',
    '3.00000000',
    open + 59_999,
    '33.00000000',
    7,
    '1.00000000',
    '11.00000000',
    0,
  ].map(String);
  for (const [index, text] of Object.entries(overrides)) fields[Number(index)] = text;
  return fields.join(',');
}

function requestOf(csv: string, changes: Partial<ArchiveRequest> = {}): ArchiveRequest {
  const zip = zipOf({ name: STEM, content: csv });
  return {
    zip,
    checksum: checksumOf(zip, FILE),
    file: FILE,
    symbol: 'BTCUSDT',
    interval: '1m',
    range: { from: DAY, to: DAY + DAY_MS },
    ...changes,
  };
}

const read = (csv: string) => readKlineArchive(requestOf(csv));
const opens = (candles: CandleColumns) => [...candles.openTime.subarray(0, candles.rows)];

/** The CSV read the slow, obvious way. */
function candlesOfText(text: string): number[][] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const f = line.split(',');
      const time = f[0]!.length === 16 ? Number(f[0]) / 1000 : Number(f[0]);
      return [time, f[1], f[2], f[3], f[4], f[5], f[7], f[8], f[9], f[10]].map(Number);
    });
}

const LOSTLEAF = resolve('../shared/data/lostleaf+binance_datatool/tests/data');
const TOMMY = resolve(
  '../shared/data/tommy-ca+binance_datatool/tests/fixture/binance/data/spot/daily/klines/BTCUSDT/1h',
);
const REAL = [
  { folder: LOSTLEAF, interval: '1m', year: 2020, month: 1, day: 1, rows: 1440 },
  { folder: LOSTLEAF, interval: '1m', year: 2020, month: 1, day: 2, rows: 1440 },
  { folder: LOSTLEAF, interval: '1m', year: 2020, month: 1, day: 3, rows: 1440 },
  { folder: TOMMY, interval: '1h', year: 2026, month: 5, day: 8, rows: 24 },
  { folder: TOMMY, interval: '1h', year: 2026, month: 5, day: 9, rows: 24 },
] as const;

describe('real archives', () => {
  for (const { folder, interval, year, month, day, rows } of REAL) {
    const period = { tier: 'archiveDaily', year, month, day } as const;
    const file = archiveFileName('BTCUSDT', interval, period);
    it.skipIf(!existsSync(folder))(`${file}: no value differs from the text of the file`, async () => {
      const zip = readFileSync(resolve(folder, file));
      const checksum = readFileSync(resolve(folder, `${file}.CHECKSUM`), 'utf8');
      const range = archiveRange(period);
      const content = await readKlineArchive({ zip, checksum, file, symbol: 'BTCUSDT', interval, range });
      const csv = await readOnlyMember(zip, { file, member: file.replace('.zip', '.csv'), maxBytes: 1e7 });
      const expected = candlesOfText(Buffer.from(csv).toString());
      const { candles } = content;
      expect(expected).toHaveLength(rows);
      expect(candles.rows).toBe(rows);
      expect(expected.map((_, i) => CANDLE_FIELDS.map((field) => candles[field][i]))).toEqual(expected);
      expect(content.findings).toEqual([]);
      expect(content.csvBytes).toBe(csv.length);
      expect(checksum).toContain(content.sha256);
    });
  }
});

describe('verification', () => {
  it('a file that differs from its checksum is not even unzipped', async () => {
    const zip = new TextEncoder().encode('no zip at all');
    const checksum = `${'0'.repeat(64)}  ${FILE}\n`;
    await expect(readKlineArchive(requestOf('', { zip, checksum }))).rejects.toMatchObject({
      code: 'archive.checksum_mismatch',
      message: expect.stringContaining(FILE),
    });
  });

  it('a checksum with a final newline, a binary mark or in capitals counts too', async () => {
    const request = requestOf(`${row(0)}\n`);
    const [hash] = request.checksum.split(' ');
    for (const checksum of [`${hash}  ${FILE}\n`, `${hash} *${FILE}`, `${hash!.toUpperCase()}  ${FILE}\r\n`]) {
      expect((await readKlineArchive({ ...request, checksum })).candles.rows).toBe(1);
    }
  });

  it.each([
    ['of another file', (hash: string) => `${hash}  ETHUSDT-1m-2020-01-01.zip`],
    ['that is an error page', () => '<html>'],
    ['that is empty', () => ''],
  ])('a CHECKSUM %s does not vouch for this one', async (_, make) => {
    const request = requestOf(`${row(0)}\n`);
    const checksum = make(request.checksum.slice(0, 64));
    await expect(readKlineArchive({ ...request, checksum })).rejects.toMatchObject({
      code: 'archive.bad_checksum_file',
    });
  });

  it('a file of another series is refused whatever it holds', async () => {
    await expect(readKlineArchive(requestOf(`${row(0)}\n`, { interval: '1h' }))).rejects.toMatchObject({
      code: 'archive.bad_zip',
    });
  });
});

describe('zip', () => {
  const good = `${row(0)}\n`;
  const cases: [string, Uint8Array][] = [
    ['a second member', zipOf({ name: STEM, content: good }, { name: `__MACOSX/._${STEM}`, content: 'x' })],
    ['a member of another name', zipOf({ name: 'BTCUSDT-1m-2020-01-02.csv', content: good })],
    ['a member that climbs out', zipOf({ name: `../${STEM}`, content: good })],
    ['no member', zipOf()],
    ['a claim of more bytes than it has', zipOf({ name: STEM, content: good, claimedSize: good.length + 1 })],
    ['more bytes than it claims', zipOf({ name: STEM, content: good.repeat(9), claimedSize: good.length })],
    ['more bytes than a day can have', zipOf({ name: STEM, content: new Uint8Array(3_000_000) })],
    ['a cut end', zipOf({ name: STEM, content: good }).subarray(0, -30)],
    ['no zip inside', new TextEncoder().encode('<?xml version="1.0"?><Error/>')],
  ];
  it.each(cases)('with %s is refused', async (_, zip) => {
    const checksum = checksumOf(zip, FILE);
    await expect(readKlineArchive(requestOf('', { zip, checksum }))).rejects.toMatchObject({
      code: 'archive.bad_zip',
      message: expect.stringContaining(FILE),
    });
  });

  it('a stored member is read like a deflated one', async () => {
    const zip = zipOf({ name: STEM, content: good, stored: true });
    const content = await readKlineArchive(requestOf('', { zip, checksum: checksumOf(zip, FILE) }));
    expect(opens(content.candles)).toEqual([DAY]);
  });
});

describe('rows', () => {
  it('a header is no lost candle, CRLF and a missing last newline are no errors', async () => {
    const header = 'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,x,ignore';
    const { candles } = await read(`${header}\r\n${row(0)}\r\n${row(1)}`);
    expect(opens(candles)).toEqual([DAY, DAY + MINUTE_MS]);
  });

  it('milliseconds and microseconds may change from row to row', async () => {
    const micro = row(1, { 0: `${DAY + MINUTE_MS}000`, 6: `${DAY + 2 * MINUTE_MS - 1}999` });
    const { candles } = await read(`${row(0)}\n${micro}\n${row(2)}\n`);
    expect(opens(candles)).toEqual([0, 1, 2].map((minute) => DAY + minute * MINUTE_MS));
  });

  it('unsorted rows come sorted and exact duplicates once, and both are said', async () => {
    const { candles, findings } = await read(`${row(2)}\n${row(0)}\n${row(1)}\n${row(0)}\n`);
    expect(opens(candles)).toEqual([0, 1, 2].map((minute) => DAY + minute * MINUTE_MS));
    expect(findings.map(({ kind }) => kind)).toEqual(['unsorted_rows', 'duplicate_rows']);
    expect(findings.map(({ sentence }) => sentence).join('\n')).toMatch(/not in order of time.*1 exact duplicate/s);
  });

  it('off-grid candles keep their opens, also two in one minute', async () => {
    const shifted = row(0, { 0: String(DAY + 20_799) });
    const { candles, findings } = await read(`${row(0)}\n${shifted}\n${row(1)}\n`);
    expect(opens(candles)).toEqual([DAY, DAY + 20_799, DAY + MINUTE_MS]);
    expect(findings).toEqual([
      {
        kind: 'off_grid_rows',
        sentence: expect.stringContaining('1 candles open off the 1m grid, the first at 2020-01-01T00:00:20.799Z'),
      },
    ]);
  });

  it('a decimal that a double cannot hold is said, with an example', async () => {
    const { candles, findings } = await read(`${row(0, { 7: '123456789012.12345678' })}\n${row(1)}\n`);
    expect(candles.quoteVolume[0]).toBe(Number('123456789012.12345678'));
    expect(findings).toEqual([
      {
        kind: 'inexact_decimals',
        sentence: expect.stringContaining('1 decimals do not fit a double exactly, for example 123456789012.12345678'),
      },
    ]);
  });

  it('an empty file is an answer, not an error', async () => {
    expect((await read('')).candles.rows).toBe(0);
  });

  it('3d, weekly and monthly files are on their own grids', async () => {
    for (const [interval, name, open] of [
      ['3d', '3d', Date.UTC(2020, 0, 2)],
      ['1w', '1w', Date.UTC(2020, 0, 6)],
      ['1M', '1mo', Date.UTC(2020, 0, 1)],
    ] as const) {
      const file = `BTCUSDT-${name}-2020-01.zip`;
      const zip = zipOf({ name: `BTCUSDT-${name}-2020-01.csv`, content: `${row(0, { 0: String(open) })}\n` });
      const range = archiveRange({ tier: 'archiveMonthly', year: 2020, month: 1 });
      const request = { zip, checksum: checksumOf(zip, file), file, symbol: 'BTCUSDT', interval, range };
      expect(await readKlineArchive(request)).toMatchObject({ findings: [], candles: { rows: 1 } });
    }
  });

  const bad: [string, string, number][] = [
    ['a conflicting duplicate', `${row(0)}\n${row(1)}\n${row(0, { 5: '4.00000000' })}\n`, 3],
    ['a high below the close', `${row(0)}\n${row(1, { 2: '10.50000000' })}\n`, 2],
    ['a low above the open', `${row(0, { 3: '10.00000001' })}\n`, 1],
    ['a negative volume', `${row(0, { 5: '-3.00000000' })}\n`, 1],
    ['a negative price', `${row(0, { 3: '-9.00000000' })}\n`, 1],
    ['NaN', `${row(0, { 4: 'NaN' })}\n`, 1],
    ['Infinity', `${row(0, { 2: 'Infinity' })}\n`, 1],
    ['an overflowing number', `${row(0, { 2: '1e400' })}\n`, 1],
    ['an empty field', `${row(0, { 4: '' })}\n`, 1],
    ['a point without decimals', `${row(0, { 1: '10.' })}\n`, 1],
    ['a letter among eight decimals', `${row(0, { 1: '10.0000a000' })}\n`, 1],
    ['half a trade', `${row(0, { 8: '1.5' })}\n`, 1],
    ['an open outside the period', `${row(0)}\n${row(1440)}\n`, 2],
    ['an open in seconds', `${row(0, { 0: String(DAY / 1000) })}\n`, 1],
    ['an open of no whole millisecond', `${row(0, { 0: `${DAY}001` })}\n`, 1],
    ['a line cut in the middle', `${row(0)}\n${row(1).slice(0, 60)}`, 2],
    ['a line cut before its last field', `${row(0)}\n${row(1).replace(/0$/, '')}`, 2],
    ['a line with a field too much', `${row(0)},1\n`, 1],
    ['an empty line', `${row(0)}\n\n${row(1)}\n`, 2],
    ['a first line that is neither row nor header', `error,1,2\n${row(0)}\n`, 1],
    ['a header in the middle', `${row(0)}\nopen_time,open\n${row(1)}\n`, 2],
  ];
  it.each(bad)('%s is refused, and the line is named', async (_, csv, line) => {
    await expect(read(csv)).rejects.toMatchObject({
      code: 'archive.bad_row',
      message: expect.stringContaining(`${STEM}, line ${line}: `),
      data: { file: FILE, line },
    });
  });

  it('a header does not shift the line that an error names', async () => {
    await expect(read(`open_time,open\n${row(0)}\n${row(1, { 4: 'x' })}\n`)).rejects.toMatchObject({
      data: { line: 3 },
    });
  });
});
