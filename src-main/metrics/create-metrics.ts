import type { ServedMetrics } from './events';

/** Metrics that count and can be scraped. The package behind them is loaded only now, since most programs run without. */
export async function createMetrics(): Promise<ServedMetrics> {
  const { PrometheusMetrics } = await import('./prometheus');
  return new PrometheusMetrics();
}
