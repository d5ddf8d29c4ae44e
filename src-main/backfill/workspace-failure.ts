import { AppError } from '@shared/contract';

/** What went wrong with a file of the workspace, as `workspace.disk_full` or `workspace.unwritable`. */
export function writeFailure(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError(
      'workspace.disk_full',
      `The disk of ${path} is full; free some space, then start the backfill again. What is stored stays.`,
      undefined,
      { cause: error },
    );
  }
  return new AppError(
    'workspace.unwritable',
    `${path} cannot be written (${message}); check the disk and permissions.`,
    undefined,
    { cause: error },
  );
}
