import { AppError } from '@shared/contract';
import type { BoundStream } from '../../dag';
import { parseDsn, type QuestDbAddress } from '../address';
import { type CandleTable, checkTableName } from '../store/candle-table';
import { candleTableStatement, isCandleTable } from '../store/ensure-candle-table';
import type { SqlClient } from '../store/sql-client';

export interface HistoryTableOptions {
  /** Table name; the bound stream's node id without. */
  table?: string | undefined;
  /** HTTP address of the same server when only a DSN is given; port 9000 of its host, with its login, without. */
  httpUrl?: string | undefined;
}

/** Where a loader or recorder reads and writes: what QMTL calls dsn and table. */
export class HistoryTable {
  readonly address: QuestDbAddress;
  readonly #explicit: string | null;
  #bound: string | null = null;
  readonly #ensured = new Map<string, Promise<boolean>>();

  constructor(server: string | QuestDbAddress, options: HistoryTableOptions) {
    this.address = typeof server === 'string' ? addressOfDsn(server, options.httpUrl) : server;
    this.#explicit = options.table === undefined ? null : checkTableName(options.table);
  }

  bind(stream: BoundStream): void {
    this.#bound = stream.nodeId;
  }

  get name(): string {
    const name = this.#explicit ?? this.#bound;
    if (name === null)
      throw new AppError(
        'usage.no_table',
        'No table is named and no stream is bound. Give a table or put this into a StreamInput.',
      );
    return checkTableName(name);
  }

  rowsOf(nodeId: string, interval: number): CandleTable {
    return { table: this.name, nodeId, intervalSeconds: interval };
  }

  /** Creates the table if there is none. Resolves to whether it has the columns of a candle table: others are read as they are. */
  ensure(sql: SqlClient, interval: number): Promise<boolean> {
    const { name } = this;
    let ensured = this.#ensured.get(name);
    if (!ensured) {
      ensured = ensure(sql, name, interval);
      this.#ensured.set(name, ensured);
      ensured.catch(() => this.#ensured.delete(name));
    }
    return ensured;
  }
}

async function ensure(sql: SqlClient, name: string, interval: number): Promise<boolean> {
  const known = await isCandleTable(sql, name);
  if (known !== null) return known;
  await sql.query(candleTableStatement({ table: name, intervalSeconds: interval }), [], `the table ${name} is made`);
  return (await isCandleTable(sql, name)) ?? false;
}

function addressOfDsn(dsn: string, httpUrl?: string): QuestDbAddress {
  const { host, user, password } = parseDsn(dsn);
  const url = new URL(httpUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:9000`);
  return {
    dsn,
    httpUrl: url.origin,
    httpUser: url.username ? decodeURIComponent(url.username) : user,
    httpPassword: url.username ? decodeURIComponent(url.password) : password,
    version: '',
    managed: false,
  };
}
