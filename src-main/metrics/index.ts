export { createMetrics } from './create-metrics';
export {
  type DatabaseMetrics,
  type DatabaseOperation,
  FLOW_STAGES,
  type FlowMetrics,
  type FlowStage,
  type JobMetrics,
  type Metrics,
  NO_METRICS,
  type RequestMetrics,
  type RequestOutcome,
  type RequestSource,
  type ServedMetrics,
  type WeightReading,
} from './events';
