import { AppError } from '@shared/contract';
import { expect, it, vi } from 'vitest';
import type { SqlClient } from './sql-client';
import { ensureTable, shapeOf } from './table-shape';

const STATEMENT = `CREATE TABLE IF NOT EXISTS "t" (
  timestamp TIMESTAMP,
  price DOUBLE
) TIMESTAMP(timestamp) PARTITION BY YEAR WAL DEDUP UPSERT KEYS(timestamp);`;

/** A catalogue that shows the table only at the so-many-th look behind its making. */
function lateCatalogue(looks: number): { sql: Pick<SqlClient, 'query'>; made: () => number } {
  let made = 0;
  const columns = [...shapeOf(STATEMENT).columns].map(([column, type]) => {
    const isTime = column === 'timestamp';
    return { column, type, designated: isTime, upsertKey: isTime };
  });
  const query = async (text: string): Promise<unknown[]> => {
    if (text.startsWith('CREATE')) made++;
    else if (made > 0 && looks-- <= 0) return columns;
    return [];
  };
  return { sql: { query: query as SqlClient['query'] }, made: () => made };
}

it('a new table that the catalogue shows late is called vanished', async () => {
  const { sql, made } = lateCatalogue(3);
  await ensureTable(sql, 't', STATEMENT, 'candle');
  expect(made()).toBe(1);
});

it('a table that never shows is waited for for ever', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    const { sql } = lateCatalogue(Number.POSITIVE_INFINITY);
    const refused = expect(ensureTable(sql, 't', STATEMENT, 'candle')).rejects.toMatchObject({
      code: 'questdb.schema',
    });
    await vi.runAllTimersAsync();
    await refused;
  } finally {
    vi.useRealTimers();
  }
});

/** A server whose next makings fail and leave half a table, which is dropped by statement only. */
function shortOfFiles(failures: number): { sql: Pick<SqlClient, 'query'>; said: string[] } {
  const whole = lateCatalogue(0);
  const said: string[] = [];
  let isTorn = false;
  const tear = (): never => {
    isTorn = true;
    throw new AppError('questdb.torn_table', 'timestamp index is outside of range');
  };
  const query = async (text: string): Promise<unknown[]> => {
    const verb = /^\w+/.exec(text)![0];
    if (verb !== 'SELECT') said.push(verb);
    if (verb === 'CREATE' && (isTorn || failures-- > 0)) return tear();
    if (text.includes('wal_transactions')) return isTorn ? tear() : [];
    if (text.includes('count()')) return [{ rows: 0 }];
    if (verb === 'DROP') {
      isTorn = false;
      return [];
    }
    return whole.sql.query(text);
  };
  return { sql: { query: query as SqlClient['query'] }, said };
}

it('half a table that a server short of files has made stays in the way, or is made anew for ever', async () => {
  const once = shortOfFiles(1);
  await ensureTable(once.sql, 't', STATEMENT, 'candle');
  expect(once.said).toEqual(['CREATE', 'DROP', 'CREATE']);
  const always = shortOfFiles(Number.POSITIVE_INFINITY);
  await expect(ensureTable(always.sql, 't', STATEMENT, 'candle')).rejects.toMatchObject({ code: 'questdb.torn_table' });
  expect(always.said).toEqual(['CREATE', 'DROP', 'CREATE']);
});
