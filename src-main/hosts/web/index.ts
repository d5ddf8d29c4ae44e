export { type MetricsHost, startMetricsHost } from './metrics-host';
export { startWebHost, type WebHost, type WebHostOptions } from './web-host';
