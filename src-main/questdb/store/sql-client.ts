import pg from 'pg';
import type { DatabaseMetrics } from '../../metrics';
import { parseDsn, type QuestDbAddress } from '../address';
import { timed } from './database-time';
import { questDbFailure } from './failures';

/** A source of the current address: a managed server may come back on other ports after a crash. */
export type AddressSource = () => QuestDbAddress;

/** How long a server may take, in milliseconds; a query may take any time without `queryMs`. */
export interface SqlPatience {
  connectMs?: number;
  queryMs?: number;
}

export type SqlValue = string | number | boolean | null;

const OID_LONG = 20;
const OID_TIMESTAMP = 1114;

/**
 * pg's own readers are wrong here: it gives LONG as text and reads QuestDB's zoneless UTC timestamps in local time. LONGs come
 * as numbers, beyond 2^53 as bigint; timestamps as epoch milliseconds (with a fraction for microseconds).
 */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === OID_LONG) return parseLong;
    if (oid === OID_TIMESTAMP) return parseTimestamp;
    return pg.types.getTypeParser(oid, format ?? 'text');
  },
} as pg.CustomTypesConfig;

export function parseLong(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

export function parseTimestamp(text: string): number {
  const [seconds = '', fraction = ''] = text.replace(' ', 'T').split('.');
  return Date.parse(`${seconds}Z`) + Number(fraction.padEnd(6, '0').slice(0, 6)) / 1000;
}

/** Microsecond-exact text of an epoch millisecond time, as QuestDB takes it for a timestamp. */
export function timestampText(t: number): string {
  return new Date(t).toISOString();
}

/** Control statements over PG wire; a small pool that follows the server's address. */
export class SqlClient {
  readonly #address: AddressSource;
  readonly #patience: SqlPatience;
  readonly #metrics: DatabaseMetrics | undefined;
  #pool: pg.Pool | null = null;
  #poolDsn = '';
  #closed = false;

  constructor(address: AddressSource, patience: SqlPatience = {}, metrics?: DatabaseMetrics) {
    this.#address = address;
    this.#patience = patience;
    this.#metrics = metrics;
  }

  query<T>(sql: string, params: readonly SqlValue[] = [], doing = 'a query runs'): Promise<T[]> {
    return timed('statement', this.#metrics, () => this.#query<T>(sql, params, doing));
  }

  async #query<T>(sql: string, params: readonly SqlValue[], doing: string): Promise<T[]> {
    try {
      const result = await this.#current().query({ text: sql, values: [...params] });
      return result.rows as T[];
    } catch (error) {
      throw questDbFailure(error, doing);
    }
  }

  /** Later queries run on new connections; those under way end on the old ones. */
  reconnect(): void {
    void this.#pool?.end();
    this.#pool = null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const pool = this.#pool;
    this.#pool = null;
    await pool?.end();
  }

  #current(): pg.Pool {
    if (this.#closed) throw new Error('the store is closed');
    const { dsn } = this.#address();
    if (this.#pool && this.#poolDsn === dsn) return this.#pool;
    void this.#pool?.end();
    const { host, port, user, password, database } = parseDsn(dsn);
    const pool = new pg.Pool({
      host,
      port,
      user,
      password,
      database,
      max: 4,
      types,
      // The server drops idle connections after 300 s; ours are gone before that.
      idleTimeoutMillis: 60_000,
      connectionTimeoutMillis: this.#patience.connectMs ?? 10_000,
      ...(this.#patience.queryMs === undefined ? {} : { query_timeout: this.#patience.queryMs }),
      allowExitOnIdle: true,
    });
    // An idle connection that breaks is replaced on the next query, which then reports what is wrong.
    pool.on('error', () => {});
    this.#pool = pool;
    this.#poolDsn = dsn;
    return pool;
  }
}
