export { createLidLookups, type LidLookups } from "./lid-lookups.ts";
