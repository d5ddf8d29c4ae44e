import { expect, it } from 'vitest';
import { questDbFailure } from './failures';

/** Texts as QuestDB 9.3.4 gives them. */
it.each([
  // Of a CREATE TABLE, which leaves out that the system's error was 24.
  ['Could not create table, could not open read-write [file=db/t~2556/txn_seq/_wal_index.d]', 'questdb.file_limit'],
  ['errno: 24, error: could not open read-write', 'questdb.file_limit'],
  // Tables whose making a kill has cut off.
  [
    'write error: t, errno: 2, error: could not open read-write [file=db/t~26/txn_seq/_wal_index.d]',
    'questdb.torn_table',
  ],
  ['write error: t, errno: 28, error: could not write', 'questdb.disk_full'],
  ['[0] invalid transaction log file: db/t~6/txn_seq/_txnlog, cannot read version at offset 0', 'questdb.torn_table'],
  ['timestamp index is outside of range', 'questdb.torn_table'],
])('%s is taken for another failure', (text, code) => {
  expect(questDbFailure(new Error(text), 'rows are written').code).toBe(code);
});
