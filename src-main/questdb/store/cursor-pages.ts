import { parseDsn } from '../address';
import { BinaryCursor, type ColumnKind, type CursorPage } from './binary-cursor';
import { questDbFailure } from './failures';
import type { AddressSource } from './sql-client';

export const DEFAULT_BATCH_ROWS = 20_000;
/** The server drops a silent connection after 300 s; a reader that pauses longer than this takes up again where it was. */
const IDLE_CLOSE_MS = 30_000;

/** Hands a batch out; true when the consumer took so long with it that the connection was given up. */
export async function* pausing<T>(cursor: BinaryCursor, batch: T): AsyncGenerator<T, boolean> {
  let idle = false;
  const timer = setTimeout(() => {
    idle = true;
    cursor.close();
  }, IDLE_CLOSE_MS);
  timer.unref();
  try {
    yield batch;
  } finally {
    clearTimeout(timer);
  }
  return idle;
}

/** All pages of a query whose consumer does not pause. */
export async function* readAllPages(
  address: AddressSource,
  sql: string,
  columns: readonly ColumnKind[],
  pageRows = DEFAULT_BATCH_ROWS,
): AsyncGenerator<CursorPage> {
  const cursor = new BinaryCursor({ login: parseDsn(address().dsn), sql, columns, pageRows });
  try {
    for (;;) {
      const page = await cursor.next();
      yield page;
      if (page.last) return;
    }
  } catch (error) {
    throw questDbFailure(error, 'the content of a table is read');
  } finally {
    cursor.close();
  }
}
