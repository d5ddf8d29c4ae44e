import { AppError } from '@shared/contract';
import type { DatabaseMetrics, DatabaseOperation } from '../../metrics';

/** Runs `work` and reports how long it took. That a table is absent is an answer, not a failure. */
export async function timed<T>(
  operation: DatabaseOperation,
  metrics: DatabaseMetrics | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const report = (isOk: boolean): void =>
    metrics?.databaseAnswered(operation, (performance.now() - started) / 1000, isOk);
  try {
    const result = await work();
    report(true);
    return result;
  } catch (error) {
    report(error instanceof AppError && error.code === 'questdb.no_table');
    throw error;
  }
}

/** Passes batches of rows on and reports how long each took; the time that the consumer takes is not the database's. */
export async function* timedBatches<T>(
  metrics: DatabaseMetrics | undefined,
  batches: AsyncGenerator<T>,
): AsyncGenerator<T> {
  try {
    for (;;) {
      const step = await timed('read', metrics, () => batches.next());
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await batches.return(undefined);
  }
}
