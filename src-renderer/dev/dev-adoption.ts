import {
  type AdoptionReport,
  type AdoptionRoute,
  AppError,
  type ForeignCandles,
  type RequestHandlers,
  requireCandleSeries,
  type UnfitTable,
} from '@shared/contract';
import { HOUR_MS, type Interval, intervalMs, tableName } from '@shared/market';
import type { EventHub } from '@shared/rpc';

const PARTS = 8;
const PART_MS = 250;
const VOLUME_ONLY = ['quote_volume', 'trades', 'taker_base', 'taker_quote'];
const UNFIT: UnfitTable[] = [
  {
    table: 'all_candles',
    reason: 'Its column symbol names 412 symbols, and a series has one; give it a view or a CSV file for each.',
  },
  { table: 'closes', reason: 'It has no column open, and it has no column high; give it a view that has them.' },
  { table: 'new_table', reason: 'It has the columns of candles and no rows.' },
];

/** Invented tables of other programs, and adoptions that take a while. */
export class DevAdoption {
  #tables: ForeignCandles[] = [];
  readonly #stopped = new Set<string>();

  constructor(private readonly events: EventHub) {}

  invent(count: number): void {
    this.#tables = Array.from({ length: count }, (_, index) => inventedTable(index));
  }

  readonly requests: Pick<RequestHandlers, AdoptionRoute> = {
    'tables.foreign': () => ({ tables: this.#tables, unfit: this.#tables.length > 0 ? UNFIT : [] }),
    'tables.suggested': () => ({
      tables: this.#tables.filter(({ adopted }) => adopted.length === 0).map(({ table }) => table),
    }),
    'tables.look': ({ table }) => {
      const tables = this.#tables.filter((each) => each.table === table);
      if (tables.length > 0) return { tables };
      throw new AppError('usage.no_candles', `There are no rows of others in a table ${table} that could be adopted.`);
    },
    'files.look': ({ path }) => {
      if (path.includes('none'))
        throw new AppError('usage.no_file', `${path} cannot be read (ENOENT); check its name.`);
      const { table: _, nodeId: __, ...candles } = inventedTable(1);
      return { ...candles, file: path };
    },
    'tables.adopt': async ({ source, key, isTrial }, { signal }) => {
      const name = 'file' in source ? source.file : source.table;
      const found = this.#tables.find((each) => each.table === name) ?? inventedTable(1);
      const { rows } = found;
      this.#stopped.delete(key);
      let read = 0;
      for (let part = 1; part <= PARTS && !signal.aborted && !this.#stopped.has(key); part++) {
        await new Promise((resolve) => setTimeout(resolve, PART_MS / (isTrial ? 2 : 1)));
        read = Math.round((rows * part) / PARTS);
        const jobId = isTrial ? null : 'adopt-1';
        this.events.emit('adoption.progressed', { key, rows: read, of: rows, adopted: isTrial ? 0 : read, jobId });
      }
      if (name.includes('weird'))
        throw new AppError(
          'usage.unfit_rows',
          `The table ${name} cannot be adopted as ${key}: most of its rows are 5m apart; choose the interval 5m. Nothing was changed.`,
        );
      const isStopped = this.#stopped.has(key);
      const adopted = { ...reportOf(isStopped ? { ...found, rows: read } : found, key, isTrial), isStopped };
      if (!isTrial) found.adopted = [{ key, rows: adopted.adopted }];
      return adopted;
    },
    'tables.stop_adopting': ({ key }) => {
      this.#stopped.add(key);
      return { stopped: 1 };
    },
  };
}

const SYMBOLS = ['btcusdt', 'eth_usdt', 'solusdt', 'bnbbtc', 'xrp_usdc', 'adausdt'];
const STEPS: Interval[] = ['1m', '1h', '5m', '1d'];

function inventedTable(index: number): ForeignCandles {
  const symbol = SYMBOLS[index % SYMBOLS.length]!;
  const interval = STEPS[index % STEPS.length]!;
  const isKnown = index % 5 !== 3;
  const rows = 40 + ((index * 7_919) % 900_000);
  const first = Date.UTC(2021, index % 12, 1 + (index % 27));
  const key = `binance:${index % 7 === 6 ? 'um' : 'spot'}:${symbol.replace('_', '').toUpperCase()}:${interval}`;
  return {
    table: isKnown ? `backtest_${symbol}_${interval}${index > 11 ? `_${index}` : ''}` : `weird_recording_${index}`,
    nodeId: index % 4 === 2 ? 'a1b2c3d4'.repeat(8) : null,
    interval: index % 10 === 3 ? null : interval,
    rows,
    first,
    last: first + rows * intervalMs(interval) - HOUR_MS,
    lacking: index % 3 === 0 ? VOLUME_ONLY : index % 3 === 1 ? ['trades', 'taker_base'] : [],
    guess: isKnown ? key : null,
    adopted: index % 6 === 5 ? [{ key, rows }] : [],
  };
}

function reportOf(
  { table, rows, first, last, lacking }: ForeignCandles,
  key: string,
  isTrial: boolean,
): AdoptionReport {
  const alreadyPresent = rows % 3 === 0 ? rows : Math.floor(rows / 4);
  const impossible = rows > 100 && alreadyPresent < rows ? 12 : 0;
  const adopted = rows - alreadyPresent - impossible;
  return {
    jobId: adopted > 0 && !isTrial ? `adopt-${Date.now()}` : null,
    key,
    table: tableName(requireCandleSeries(key)),
    origin: `the table ${table}`,
    range: adopted > 0 ? { from: first, to: last } : null,
    rows,
    adopted,
    alreadyPresent,
    duplicates: 0,
    refused: { impossible, conflicting: 0, unclosed: 0, unknownToExchange: 0 },
    offGrid: 0,
    flat: 0,
    lacking,
    findings:
      impossible > 0
        ? [`12 rows of the table ${table} cannot be candles, the first because of a high below the close; not adopted.`]
        : [],
    isStopped: false,
  };
}
