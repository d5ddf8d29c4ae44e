import type { CoreMetrics } from '../../core';
import { type MetricsHost, startMetricsHost } from '../web';
import type { ServedCore } from './core-service';

/** The core with its metrics served, when a setting asks for them. An app whose port is taken goes on without, and reports it. */
export function withMetrics(
  core: ServedCore & { readonly metrics: CoreMetrics | null },
  report: (error: unknown) => void,
): ServedCore {
  let host: MetricsHost | null = null;
  return {
    requests: core.requests,
    streams: core.streams,
    events: core.events,
    async start() {
      await core.start();
      const { metrics } = core;
      if (!metrics) return;
      try {
        host = await startMetricsHost({ metrics, port: metrics.port, report });
      } catch (error) {
        report(error);
      }
    },
    async stop() {
      await host?.close();
      await core.stop();
    },
  };
}
