import { AppError } from '@shared/contract';
import type { Core } from '../../core';
import { type MetricsHost, startMetricsHost } from '../web';

/** Where `tapemend serve` serves metrics unless told otherwise (CONTRACT §3). */
export const DEFAULT_METRICS_PORT = 9464;

/**
 * Serves the core's metrics when somebody asked for them. A port that the user named has to be free (`usage.metrics_port`); of
 * the default one it is only said that there are no metrics: a second `serve` on this machine is nothing wrong.
 */
export async function openMetrics(
  core: Pick<Core, 'metrics'>,
  warn: (sentence: string) => void,
): Promise<MetricsHost | null> {
  const { metrics } = core;
  if (!metrics) return null;
  try {
    return await startMetricsHost({ metrics, port: metrics.port });
  } catch (error) {
    if (metrics.isChosen || !(error instanceof AppError)) throw error;
    warn(`No metrics are served: ${error.message}`);
    return null;
  }
}
