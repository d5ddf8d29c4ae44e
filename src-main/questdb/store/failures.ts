import { AppError } from '@shared/contract';

const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Whether an error of a socket says that the server is not there (any more). */
export function isConnectionLoss(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && CONNECTION_CODES.has(code)) return true;
  return typeof message === 'string' && /Connection terminated|socket hang up|Client has encountered/i.test(message);
}

/** Turns what QuestDB or the socket said into an `AppError`; it answers every error with SQLSTATE 00000, so the text decides. */
export function questDbFailure(error: unknown, doing: string): AppError {
  if (error instanceof AppError) return error;
  const text = error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error);
  const fail = (code: `questdb.${string}`, sentence: string) =>
    new AppError(code, sentence, { text }, { cause: error });
  if (isConnectionLoss(error))
    return fail(
      'questdb.connection_lost',
      `QuestDB does not answer (${text}) while ${doing}. Check that it runs, then repeat.`,
    );
  if (/invalid username\/password|Unauthorized/i.test(text))
    return fail(
      'questdb.password',
      `QuestDB refuses the user name or the password while ${doing}. Correct questdb.dsn.`,
    );
  if (/errno[:=] ?28|\[28\]|No space left/i.test(text))
    return fail(
      'questdb.disk_full',
      `The disk of QuestDB is full (while ${doing}). Free space, then repeat: nothing stored is lost.`,
    );
  if (/errno[:=] ?24|\[24\]|Too many open files/i.test(text))
    return fail(
      'questdb.file_limit',
      `QuestDB has run out of open files while ${doing}. Work on fewer series at once, or raise the limit (ulimit -n).`,
    );
  // Measured: CREATE TABLE leaves out the number of the system's error, which was 24: each table that was just made holds some five files.
  if (/could not create table, could not open read-write/i.test(text))
    return fail(
      'questdb.file_limit',
      `QuestDB could not open a file while ${doing} (${text}), most likely because too many are open. Work on fewer series at once, or raise the limit (ulimit -n).`,
    );
  if (/table is suspended/i.test(text))
    return fail(
      'questdb.suspended',
      `QuestDB has suspended the table (while ${doing}): ${text}. Look at its log, then resume the table.`,
    );
  // Measured: what a table answers to every write whose making a kill cut off before its sequencer was on the disk: its description
  // empty, its log empty, or (errno 2: no such file) all of its folder not there.
  if (
    /timestamp index is outside of range|invalid transaction log file.*cannot read version at offset 0/i.test(text) ||
    /(errno: ?2,|\[2\]).*could not open read-write.*txn_seq/i.test(text)
  )
    return fail(
      'questdb.torn_table',
      `QuestDB was struck down while it made a table, and cannot use it any more (while ${doing}): ${text}. Drop the table; it never held a row.`,
    );
  if (/table does not exist/i.test(text))
    return fail('questdb.no_table', `QuestDB has no such table (while ${doing}): ${text}.`);
  // So says a server that is being stopped of the queries it still has.
  if (/cancelled by user/i.test(text))
    return fail(
      'questdb.connection_lost',
      `QuestDB ended the query while ${doing} (${text}): it is being stopped, or somebody cancelled it. Check that it runs, then repeat.`,
    );
  if (/timeout, query aborted/i.test(text))
    return fail('questdb.query_ended', `QuestDB ended the query while ${doing}: ${text}.`);
  return fail('questdb.refused', `QuestDB refuses while ${doing}: ${text}.`);
}
