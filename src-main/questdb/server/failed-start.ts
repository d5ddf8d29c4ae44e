import { AppError } from '@shared/contract';

/** Why a start failed, out of the lines that the server logged; it answers every failure with the same exit code. */
export function explainFailedStart(error: unknown, lines: readonly string[], root: string): AppError {
  const text = lines.join('\n');
  const reason = error instanceof Error ? error.message : String(error);
  const data = { reason, log: lines.slice(-40) };
  if (/cannot lock table name registry/.test(text))
    return new AppError(
      'questdb.locked',
      `Another QuestDB that Tapemend did not start uses ${root}. Stop it, or connect to it through questdb.dsn.`,
      data,
    );
  if (/could not bind socket/.test(text))
    return new AppError(
      'questdb.ports',
      'QuestDB found no free ports on 127.0.0.1. Close programs that listen there, then start again.',
      data,
    );
  if (/No space left|errno[:=] ?28/.test(text))
    return new AppError(
      'questdb.disk_full',
      `The disk of ${root} is full. Free at least 1 GB, then start again.`,
      data,
    );
  const words = lines
    .filter((line) => / [EC] |Exception|Error|Configuration issues|invalid configuration/.test(line))
    .at(-1);
  return new AppError(
    'questdb.start_failed',
    `QuestDB did not start: ${reason}.${words ? ` It says: ${words.slice(0, 300)}.` : ''} The whole log is in logs/questdb.log of the workspace.`,
    data,
  );
}
