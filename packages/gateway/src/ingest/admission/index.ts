export { Admission, type IngestRates, type NotStored } from "./admission.ts";
