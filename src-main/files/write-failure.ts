import { AppError } from '@shared/contract';

const FILE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EMFILE', 'EIO']);

/** Whether an error is the file system's and speaks of the disk or of rights: what a user can do something about. */
export function isWriteFailure(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return error instanceof Error && syscall !== undefined && FILE_CODES.has(code ?? '');
}

/** What went wrong with a file of the workspace, as `workspace.disk_full` or `workspace.unwritable`. */
export function writeFailure(error: unknown, path: string): AppError {
  if (error instanceof AppError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError(
      'workspace.disk_full',
      `The disk of ${path} is full; free some space, then try again. What is stored stays.`,
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
