/** How long an answer about symbols stays good; new listings are announced days ahead. */
const TTL_MS = 10 * 60_000;

/** An answer that several callers share. */
export interface Kept<T> {
  value: Promise<T>;
  at: number;
}

/**
 * The answer asked last while it is young; a failure is not kept. The question belongs to all who wait for it: whoever asks must
 * not give it a caller's signal, but wait `withSignal`.
 */
export function keep<T>(known: Kept<T> | null, ask: () => Promise<T>, now: () => number = Date.now): Kept<T> {
  if (known && now() - known.at < TTL_MS) return known;
  const kept: Kept<T> = { value: ask(), at: now() };
  kept.value.catch(() => {
    kept.at = Number.NEGATIVE_INFINITY;
  });
  return kept;
}

/** Waits for a shared answer no longer than the caller's signal lets it; the answer goes on for the others. */
export function withSignal<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
