export { createIngest, type Ingest } from "./ingest.ts";
export type { IngestCounters } from "./ingest-counters.ts";
export { accepted, ingestRoutes } from "./ingest-routes.ts";
export { createInstanceFinder } from "./instance-finder.ts";
export { parseBody } from "./parse-body.ts";
export { takeRawBodies } from "./raw-body.ts";
export { bodyBytes, eventPath, plainHeaders } from "./request-fields.ts";
