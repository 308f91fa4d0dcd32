export { healthRoutes } from "./health-routes.ts";
export { createMetrics, type Metrics, type MetricSources } from "./metrics.ts";
