import { createHmac } from "node:crypto";

/** Where an S3-compatible store is, as an operator says it. */
export interface BucketPlace {
  /** Absent: Amazon's own, by the region. */
  readonly endpoint?: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The bucket stands in the path; false: in front of the host's name. */
  readonly pathStyle: boolean;
}

/**
 * What begins every name in the bucket. Of the server's own key, so that servers that share a bucket never take
 * each other's files for those of a deleted tenant.
 */
export function bucketPrefix(key: Uint8Array): string {
  const own = createHmac("sha256", key).update("bucket\0").digest("hex").slice(0, 16);
  return `recado-${own}/`;
}
