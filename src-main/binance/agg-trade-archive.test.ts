import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DAY_MS, type TradeColumns } from '@shared/market';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AggTradeArchiveRequest, readAggTradeArchive } from './agg-trade-archive';
import { checksumOf, zipOf } from './zip-fixture';

const DAY = Date.UTC(2024, 2, 5);
const FILE = 'BTCUSDT-aggTrades-2024-03-05.zip';
const STEM = 'BTCUSDT-aggTrades-2024-03-05.csv';
const HEADER = 'agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker';

/** A plain spot row; overrides by field number. */
function row(id: number, overrides: Record<number, string> = {}): string {
  const fields = [id, '67000.10000000', '0.50000000', id * 2, id * 2 + 1, DAY + id * 10, 'True', 'True'].map(String);
  for (const [index, text] of Object.entries(overrides)) fields[Number(index)] = text;
  return fields.join(',');
}

function requestOf(csv: string, changes: Partial<AggTradeArchiveRequest> = {}): AggTradeArchiveRequest {
  const zip = zipOf({ name: STEM, content: csv });
  return {
    zip,
    checksum: checksumOf(zip, FILE),
    file: FILE,
    symbol: 'BTCUSDT',
    range: { from: DAY, to: DAY + DAY_MS },
    ...changes,
  };
}

const sentences = (findings: readonly { sentence: string }[]) => findings.map(({ sentence }) => sentence);
const read = (...rows: string[]) => readAggTradeArchive(requestOf(`${rows.join('\n')}\n`));

function rowsOf(trades: TradeColumns): number[][] {
  const { time, aggId, price, quantity, firstId, lastId, buyerMaker } = trades;
  return Array.from({ length: trades.rows }, (_, i) =>
    [aggId, price, quantity, firstId, lastId, time, buyerMaker].map((column) => column[i]!),
  );
}

/** The same rows read the slow, obvious way. */
function rowsOfText(text: string): number[][] {
  return text
    .trim()
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => {
      const fields = line.trim().split(',');
      const time = fields[5]!.length === 13 ? Number(fields[5]) * 1000 : Number(fields[5]);
      return [...fields.slice(0, 5).map(Number), time, fields[6]!.toLowerCase() === 'true' ? 1 : 0];
    });
}

describe('rows', () => {
  it('any prices, quantities, ids, units, flags and line ends come out as the slow way reads them', async () => {
    const decimal = fc.oneof(
      fc.tuple(fc.nat(99_999_999), fc.nat(99_999_999)).map(([a, b]) => `${a + 1}.${String(b).padStart(8, '0')}`),
      fc.integer({ min: 1, max: 2 ** 31 }).map(String),
      fc.tuple(fc.nat(9_999), fc.stringMatching(/^\d{1,3}$/)).map(([a, b]) => `${a + 1}.${b}`),
      // Digits that no double can hold are read as the nearest one all the same.
      fc.stringMatching(/^[1-9]\d{17}\.\d{8}$/),
      fc.stringMatching(/^[1-9]\d{0,10}(\.\d{1,12})?$/),
    );
    const rowText = fc.record({
      price: decimal,
      quantity: decimal,
      us: fc.boolean(),
      flag: fc.constantFrom('True', 'false', 'FALSE', 'true'),
      eighth: fc.constantFrom('', ',True', ',false'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(rowText, { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        async (rows, header, end, terminated) => {
          const lines = rows.map(({ price, quantity, us, flag, eighth }, i) => {
            const time = us ? `${DAY + i}${String(i % 1000).padStart(3, '0')}` : `${DAY + i}`;
            return `${i + 5},${price},${quantity},${i},${i + 1},${time},${flag}${eighth}`;
          });
          const csv = [...(header ? [HEADER] : []), ...lines].join(end) + (terminated ? end : '');
          const content = await readAggTradeArchive(requestOf(csv));
          expect(rowsOf(content.trades)).toEqual(rowsOfText(csv));
          expect(content.ids).toEqual({ from: 5, to: 4 + rows.length });
          expect(content.missingIds).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each([
    ['a cut row', row(1).slice(0, 40), 2, 'fields instead of 7 or 8'],
    ['a cut flag', row(1).replace(/,True,True$/, ',Tr'), 2, '"Tr", is neither true nor false'],
    ['nine fields', `${row(1)},x`, 2, 'more than 8 fields'],
    ['a price that is NaN', row(1, { 1: 'NaN' }), 2, 'price, "NaN", is no number'],
    ['an infinite quantity', row(1, { 2: 'Infinity' }), 2, 'quantity'],
    ['a price of more than doubles can hold', row(1, { 1: '1e999' }), 2, 'price'],
    ['a negative price', row(1, { 1: '-5.0' }), 2, 'above zero'],
    ['a quantity of zero', row(1, { 2: '0.00000000' }), 2, 'above zero'],
    ['a price without digits', row(1, { 1: '.5' }), 2, 'price'],
    ['an id that is no number', row(1, { 0: 'x' }), 2, 'aggregate id, "x"'],
    ['a time in seconds', row(1, { 5: '1709596800' }), 2, 'neither 13 digits of milliseconds nor 16'],
    ['a time of the next day', row(1, { 5: String(DAY + DAY_MS) }), 2, 'outside 2024-03-05'],
    ['a time just before the day', row(1, { 5: `${DAY - 1}999` }), 2, 'outside 2024-03-05'],
    ['a last id before the first', row(1, { 4: '1' }), 2, 'contradict each other'],
    ['first and last id -1 with a price', row(1, { 3: '-1', 4: '-1' }), 2, 'contradict each other'],
  ])('%s refuses the file and names the line', async (_, bad, line, reason) => {
    await expect(read(row(0), bad, row(2))).rejects.toMatchObject({
      code: 'archive.bad_row',
      message: expect.stringMatching(
        new RegExp(`^${STEM}, line ${line}: .*${reason.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
      ),
      data: { file: FILE, line },
    });
  });

  it('a first line that is neither row nor header is not skipped', async () => {
    await expect(read('hello,1,2', row(1))).rejects.toMatchObject({ code: 'archive.bad_row', data: { line: 1 } });
    await expect(read(HEADER, row(1), HEADER)).rejects.toMatchObject({ code: 'archive.bad_row', data: { line: 3 } });
  });

  it('lines are counted with the header', async () => {
    await expect(read(HEADER, row(0), row(1, { 1: 'x' }))).rejects.toMatchObject({ data: { line: 3 } });
  });

  it('decimals that a double changes are a finding, not silent', async () => {
    const { findings } = await read(row(0, { 1: '12345678901.12345678' }));
    expect(sentences(findings)).toEqual([expect.stringContaining(`${FILE}: 1 decimals do not fit a double exactly`)]);
  });
});

describe('order and ids', () => {
  it('unsorted rows are sorted by id and said so', async () => {
    const { trades, findings } = await read(row(2), row(0), row(1));
    expect([...trades.aggId.subarray(0, 3)]).toEqual([0, 1, 2]);
    expect([...trades.time.subarray(0, 3)]).toEqual([0, 1, 2].map((id) => (DAY + id * 10) * 1000));
    expect(sentences(findings)).toEqual([`${FILE}: the rows were not in order of ids; sorted`]);
  });

  it('exact duplicates are dropped and counted', async () => {
    const { trades, findings } = await read(row(0), row(1), row(1), row(2), row(0));
    expect(trades.rows).toBe(3);
    expect(sentences(findings)).toContain(`${FILE}: 2 exact duplicate rows dropped`);
  });

  it.each([
    ['price', { 1: '67000.20000000' }],
    ['quantity', { 2: '0.6' }],
    ['time', { 5: String(DAY + 11) }],
    ['last id', { 4: '9' }],
    ['flag', { 6: 'False' }],
  ])('two trades with one id that differ in %s refuse the file, with the line of the second', async (_, change) => {
    await expect(read(row(0), row(1), row(2), row(1, change))).rejects.toMatchObject({
      code: 'archive.bad_row',
      message: expect.stringContaining('line 4: another trade with the same aggregate id 1'),
    });
  });

  it('missing ids are listed as ranges, and the file is used', async () => {
    const { trades, missingIds, ids, findings } = await read(row(3), row(4), row(6), row(10));
    expect(trades.rows).toBe(4);
    expect(ids).toEqual({ from: 3, to: 10 });
    expect(missingIds).toEqual([
      { from: 5, to: 5 },
      { from: 7, to: 9 },
    ]);
    expect(sentences(findings)).toEqual([`${FILE}: 4 aggregate trade ids are missing in 2 places, 5 first`]);
  });

  it('rows that Binance marked as no trades are left out, but their ids are not called missing', async () => {
    const marked = row(1, { 1: '0', 2: '0', 3: '-1', 4: '-1' });
    const { trades, missingIds, findings } = await read(row(0), marked, row(2));
    expect([...trades.aggId.subarray(0, trades.rows)]).toEqual([0, 2]);
    expect(missingIds).toEqual([]);
    expect(sentences(findings)).toEqual([expect.stringContaining('1 rows marked as no trades')]);
  });

  it('two interleaved series of ids are recognised, not sorted into each other', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => [
      row(i + 100, { 5: String(DAY + i * 60_000) }),
      row(i + 9_000, { 5: String(DAY + i * 60_000 + 5) }),
    ]).flat();
    await expect(read(...rows)).rejects.toMatchObject({
      code: 'archive.bad_row',
      message: expect.stringMatching(/line 2: two series of aggregate ids are mixed, 100 to 139 and 9000 to 9039/),
    });
  });

  it('a trade some milliseconds older than the one before it is kept and said', async () => {
    const { trades, findings } = await read(row(0), row(1, { 5: String(DAY + 30) }), row(2, { 5: String(DAY + 20) }));
    expect(trades.rows).toBe(3);
    expect(sentences(findings)).toEqual([`${FILE}: 1 trades are older than the trade with the id before them`]);
  });

  it('whatever order, doubling and losses: the trades left are the true ones, and the ids that lack are named', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(1_000), { maxLength: 20 }),
        async (ids, again) => {
          const lines = [...ids, ...again.map((i) => ids[i % ids.length]!)].map((id) => row(id));
          const content = await read(...lines);
          const sorted = [...ids].sort((a, b) => a - b);
          expect(rowsOf(content.trades)).toEqual(rowsOfText(sorted.map((id) => row(id)).join('\n')));
          const lacking = new Set<number>();
          for (const { from, to } of content.missingIds) for (let id = from; id <= to; id++) lacking.add(id);
          const all = Array.from({ length: sorted.at(-1)! - sorted[0]! + 1 }, (_, i) => sorted[0]! + i);
          expect([...lacking]).toEqual(all.filter((id) => !ids.includes(id)));
        },
      ),
    );
  });
});

describe('trust', () => {
  it('a wrong checksum, another file’s archive and a file of candles are not read', async () => {
    const good = requestOf(`${row(0)}\n`);
    await expect(readAggTradeArchive({ ...good, checksum: `${'0'.repeat(64)}  ${FILE}` })).rejects.toMatchObject({
      code: 'archive.checksum_mismatch',
    });
    await expect(readAggTradeArchive({ ...good, symbol: 'ETHUSDT' })).rejects.toMatchObject({
      code: 'archive.bad_zip',
    });
  });

  it('a small zip that claims gigabytes is refused before it is unpacked', async () => {
    const zip = zipOf({ name: STEM, content: row(0), claimedSize: 3_000_000_000 });
    const request = requestOf('', { zip, checksum: checksumOf(zip, FILE) });
    await expect(readAggTradeArchive(request)).rejects.toMatchObject({
      code: 'archive.bad_zip',
      message: expect.stringContaining('claims 3000000000 bytes'),
    });
  });

  it('a zip bomb that hides its size is refused too', async () => {
    const zip = zipOf({ name: STEM, content: '0'.repeat(5_000_000), claimedSize: 1000 });
    await expect(readAggTradeArchive(requestOf('', { zip, checksum: checksumOf(zip, FILE) }))).rejects.toMatchObject({
      code: 'archive.bad_zip',
    });
  });

  it('an empty file is an answer: no trades, no ids', async () => {
    const { trades, ids, missingIds, findings } = await read(HEADER);
    expect([trades.rows, ids, missingIds, findings]).toEqual([0, null, [], []]);
  });
});

const REAL = resolve(
  '../shared/data/tommy-ca+binance_datatool/tests/fixture/binance/data/futures/cm/daily/aggTrades/BTCUSD_PERP/BTCUSD_PERP-aggTrades-2026-05-08.zip',
);

it.skipIf(!existsSync(REAL))('a real COIN-M day: every row as the slow way reads it, ids without a hole', async () => {
  const zip = new Uint8Array(readFileSync(REAL));
  const from = Date.UTC(2026, 4, 8);
  const content = await readAggTradeArchive({
    zip,
    checksum: readFileSync(`${REAL}.CHECKSUM`, 'utf8'),
    file: 'BTCUSD_PERP-aggTrades-2026-05-08.zip',
    symbol: 'BTCUSD_PERP',
    range: { from, to: from + DAY_MS },
  });
  expect(content.trades.rows).toBe(105_280);
  expect(content.findings).toEqual([]);
  expect(content.missingIds).toEqual([]);
  const { aggId, firstId, lastId, time, price } = content.trades;
  const last = content.trades.rows - 1;
  expect([aggId[0], price[0], time[0]]).toEqual([480_537_903, 79_972.8, 1_778_198_400_020_000]);
  expect(aggId[last]! - aggId[0]!).toBe(105_279);
  expect(lastId[last]! - firstId[0]! + 1).toBe(240_198);
  let most = 0;
  for (let i = 0, start = 0; i <= last; i++) {
    if (time[i] !== time[start]) start = i;
    most = Math.max(most, i - start + 1);
  }
  expect(most).toBe(43);
});

it('a file that is read in small pieces tells something else than one that is read whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('trade', 'lost', 'marked', 'again', 'swapped'), { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      fc.integer({ min: 64, max: 900 }),
      async (kinds, hasHeader, pieceBytes) => {
        const lines: string[] = [];
        kinds.forEach((kind, id) => {
          if (kind === 'lost') return;
          lines.push(kind === 'marked' ? row(id, { 1: '0', 2: '0', 3: '-1', 4: '-1' }) : row(id));
          if (kind === 'again') lines.push(row(id));
          if (kind === 'swapped' && lines.length > 1) lines.splice(-2, 2, lines.at(-1)!, lines.at(-2)!);
        });
        const csv = [...(hasHeader ? [HEADER] : []), ...lines].map((line) => `${line}\n`).join('');
        const whole = await readAggTradeArchive(requestOf(csv));
        expect(await readAggTradeArchive(requestOf(csv, { pieceBytes }))).toEqual(whole);
      },
    ),
    { numRuns: 60 },
  );
});

it('an error in a later piece names the line of its piece, not that of the file', async () => {
  const rows = Array.from({ length: 50 }, (_, id) => row(id));
  rows[41] = row(41, { 1: 'NaN' });
  await expect(readAggTradeArchive(requestOf(`${HEADER}\n${rows.join('\n')}\n`, { pieceBytes: 300 }))).rejects.toThrow(
    /line 43:/,
  );
});
