/**
 * Failures cross process boundaries as results, never as exceptions. `code` is a stable word (`domain.what`) that programs
 * switch on; `message` is one sentence for people: what, where, what to do; `data` holds the details tests look at.
 */
export interface Failure {
  code: string;
  message: string;
  data?: unknown;
}

export type Result<T> = { ok: true; data: T } | { ok: false; error: Failure };

/** Domains of error codes. The command line derives its exit code from the domain. */
export type ErrorDomain = 'usage' | 'questdb' | 'exchange' | 'archive' | 'runtime' | 'workspace' | 'rpc' | 'replay';

/** An expected failure with a code; everything else that is thrown is a bug and becomes `runtime.bug`. */
export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: `${ErrorDomain}.${string}`,
    message: string,
    readonly data?: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) {
    return error.data === undefined
      ? { code: error.code, message: error.message }
      : { code: error.code, message: error.message, data: error.data };
  }
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'rpc.cancelled', message: 'The call was cancelled.' };
  return { code: 'runtime.bug', message: error instanceof Error ? error.message : String(error) };
}

/** Turns a result back into a value or an `AppError`, at the caller. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.data;
  throw new AppError(result.error.code as `${ErrorDomain}.${string}`, result.error.message, result.error.data);
}
