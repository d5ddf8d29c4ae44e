import { AppError } from '@shared/contract';

/** A row (from 0; null for the answer as a whole) of a REST answer that cannot be trusted. `source` names the answer. */
export function badRow(source: string, index: number | null, reason: string): AppError {
  const where = index === null ? 'The answer to' : `Row ${index + 1} of the answer to`;
  return new AppError(
    'exchange.bad_row',
    `${where} ${source} cannot be trusted: ${reason}. Nothing of the answer is used; try again later.`,
    { source, row: index, reason },
  );
}

/** From here on a number is microseconds: as milliseconds it would be the year 5138. */
export const LEAST_MICROSECONDS = 1e14;
