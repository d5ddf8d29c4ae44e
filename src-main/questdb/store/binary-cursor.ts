import { connect, type Socket } from 'node:net';
import { AppError } from '@shared/contract';
import type { DsnParts } from '../address';

/**
 * Reads one query's rows in PostgreSQL's binary format straight into Float64Arrays, several times faster than objects through
 * `pg`. Columns have to be TIMESTAMP (as epoch milliseconds, or exact `micros`), DOUBLE, LONG or BOOLEAN (0 and 1). Rows come in pages; between pages the server waits,
 * so memory stays flat and an unread cursor costs nothing.
 */
export type ColumnKind = 'timestamp' | 'micros' | 'double' | 'long' | 'boolean';

export interface CursorOptions {
  login: DsnParts;
  sql: string;
  columns: readonly ColumnKind[];
  pageRows: number;
}

/** Microseconds between 1970 and 2000, where PostgreSQL's binary timestamps begin. */
const EPOCH_2000_US = 946_684_800_000_000;
const TWO_32 = 4_294_967_296;

const PROTOCOL_3 = 196_608;
const MESSAGE = {
  authentication: 0x52,
  dataRow: 0x44,
  commandComplete: 0x43,
  portalSuspended: 0x73,
  error: 0x45,
  ready: 0x5a,
} as const;

/** Rows of one page; `last` when no more will come. */
export interface CursorPage {
  rows: number;
  columns: Float64Array[];
  last: boolean;
}

export class BinaryCursor {
  readonly #options: CursorOptions;
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #page: CursorPage;
  #waiter: { resolve: (page: CursorPage) => void; reject: (error: unknown) => void } | null = null;
  #ready: CursorPage[] = [];
  #failure: unknown = null;
  #ended = false;
  #asked = false;

  constructor(options: CursorOptions) {
    this.#options = options;
    this.#page = this.#emptyPage();
    const { host, port } = options.login;
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('connect', () => this.#socket.write(startupMessage(options.login)));
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () =>
      this.#fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })),
    );
  }

  /** The next page. The page after it is asked for at once, so that reading and decoding overlap. */
  next(): Promise<CursorPage> {
    const page = this.#ready.shift();
    if (page) {
      if (!page.last) this.#ask();
      return Promise.resolve(page);
    }
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  /** Ends the query at the server too. */
  close(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #emptyPage(): CursorPage {
    const { columns, pageRows } = this.#options;
    return { rows: 0, columns: columns.map(() => new Float64Array(pageRows)), last: false };
  }

  #ask(): void {
    if (this.#asked || this.#ended) return;
    this.#asked = true;
    this.#socket.write(executeMessages(this.#options.pageRows));
  }

  #deliver(last: boolean): void {
    const page = this.#page;
    page.last = last;
    this.#asked = false;
    if (last) this.#ended = true;
    else this.#page = this.#emptyPage();
    const waiter = this.#waiter;
    this.#waiter = null;
    if (waiter) {
      if (!last) this.#ask();
      waiter.resolve(page);
    } else this.#ready.push(page);
    if (last) this.#socket.destroy();
  }

  #fail(error: unknown): void {
    if (this.#ended && !this.#waiter) return;
    this.#ended = true;
    this.#failure ??= error;
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.reject(this.#failure);
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const data = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    const end = data.length;
    const view = new DataView(data.buffer, data.byteOffset, end);
    let at = 0;
    while (at + 5 <= end) {
      const next = at + 1 + view.getUint32(at + 1);
      if (next > end) break;
      const kind = data[at];
      if (kind === MESSAGE.dataRow) this.#row(view, at + 7);
      else if (!this.#control(kind, data, at + 5, next)) return;
      at = next;
    }
    this.#pending = at === end ? Buffer.alloc(0) : data.subarray(at);
  }

  #row(view: DataView, start: number): void {
    const { columns } = this.#options;
    const page = this.#page;
    const row = page.rows++;
    let at = start;
    for (let i = 0; i < columns.length; i++) {
      const isNull = view.getInt32(at) < 0;
      at += 4;
      const target = page.columns[i]!;
      if (isNull) {
        target[row] = Number.NaN;
        continue;
      }
      const kind = columns[i];
      if (kind === 'double') target[row] = view.getFloat64(at);
      else if (kind === 'boolean') {
        target[row] = view.getUint8(at++);
        continue;
      } else {
        const integer = view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
        target[row] =
          kind === 'long' ? integer : kind === 'micros' ? integer + EPOCH_2000_US : (integer + EPOCH_2000_US) / 1000;
      }
      at += 8;
    }
  }

  /** False when the connection is over. */
  #control(kind: number | undefined, data: Buffer, from: number, to: number): boolean {
    const { login, sql } = this.#options;
    if (kind === MESSAGE.authentication) {
      const method = data.readUInt32BE(from);
      if (method === 3) this.#socket.write(passwordMessage(login.password));
      else if (method === 0) {
        this.#socket.write(prepareMessages(sql));
        this.#ask();
      } else
        this.#fail(
          new AppError('questdb.not_questdb', `The server asks for login method ${method}, which QuestDB has not.`),
        );
      return method === 0 || method === 3;
    }
    if (kind === MESSAGE.portalSuspended) this.#deliver(false);
    else if (kind === MESSAGE.commandComplete) {
      this.#deliver(true);
      return false;
    } else if (kind === MESSAGE.error) {
      this.#fail(new Error(errorText(data, from, to)));
      return false;
    }
    return true;
  }
}

function message(kind: string, ...parts: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(kind.length + 4);
  head.write(kind, 0, 'latin1');
  head.writeUInt32BE(body.length + 4, kind.length);
  return Buffer.concat([head, body]);
}

function int16(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    buffer.writeInt16BE(value, index * 2);
  });
  return buffer;
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function startupMessage(login: DsnParts): Buffer {
  return message('', int32(PROTOCOL_3), 'user', login.user, 'database', login.database, Buffer.from([0]));
}

function passwordMessage(password: string): Buffer {
  return message('p', password);
}

/** QuestDB keeps only named portals between two executes. */
const PORTAL = 'page';

/** Parse the text and bind it with all results binary. */
function prepareMessages(sql: string): Buffer {
  return Buffer.concat([message('P', '', sql, int16(0)), message('B', PORTAL, '', int16(0, 0, 1, 1))]);
}

/** Execute up to `rows` rows, then flush, which keeps the portal open (a sync would close it). */
function executeMessages(rows: number): Buffer {
  return Buffer.concat([message('E', PORTAL, int32(rows)), message('H')]);
}

function errorText(data: Buffer, from: number, to: number): string {
  for (const field of data.toString('utf8', from, to).split('\0')) if (field[0] === 'M') return field.slice(1);
  return 'an error without text';
}
