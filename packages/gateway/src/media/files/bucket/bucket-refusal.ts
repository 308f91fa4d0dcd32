import { RecadoError } from "../../../base/recado-error.ts";

/** What the store's client says of a failure, as far as it is read. */
interface ClientError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: unknown };
}

const key = "MEDIA_S3_ACCESS_KEY_ID and MEDIA_S3_SECRET_ACCESS_KEY";

/** By the store's own word for it. */
const words: Readonly<Record<string, string>> = {
  NoSuchBucket: "the bucket for files does not exist: see MEDIA_S3_BUCKET",
  InvalidBucketName: "the bucket for files has a name that cannot be: see MEDIA_S3_BUCKET",
  InvalidAccessKeyId: `the store of files does not know the key: see ${key}`,
  SignatureDoesNotMatch: `the store of files refuses the key's secret: see ${key}`,
  AccessDenied:
    "the key may not do this in the bucket for files: it has to list, read, write and delete",
  PermanentRedirect:
    "the bucket for files is in another region: see MEDIA_S3_REGION and MEDIA_S3_ENDPOINT",
  AuthorizationHeaderMalformed: "the bucket for files is in another region: see MEDIA_S3_REGION",
  RequestTimeTooSkewed: "this machine's clock and that of the store of files are too far apart",
  XAmzContentSHA256Mismatch: "a file reached its store damaged",
  AbortError: "the store of files does not answer in time: see MEDIA_S3_ENDPOINT",
  TimeoutError: "the store of files does not answer in time: see MEDIA_S3_ENDPOINT",
  ERR_MODULE_NOT_FOUND:
    "the client of S3-compatible stores is not installed: npm install without --omit=optional",
};

function statusOf({ $metadata }: ClientError): number | undefined {
  const status = $metadata?.httpStatusCode;
  return typeof status === "number" ? status : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" && /^\w{1,60}$/.test(value) ? value : "";
}

function reasonOf(error: ClientError): string {
  const known = words[text(error.name)] ?? words[text(error.code)];
  if (known !== undefined) return known;
  const status = statusOf(error);
  if (status === 403) return `the store of files refuses the key: see ${key}`;
  if (status === 301 || status === 307) return words["PermanentRedirect"] ?? "";
  // Only a code of ours or of the system's: the client's sentences may hold what was signed.
  const code = text(error.code) || text(error.name);
  if (status === undefined)
    return `the store of files does not answer${code === "" ? "" : ` (${code})`}: see MEDIA_S3_ENDPOINT`;
  return `the store of files answered ${status}${code === "" ? "" : ` (${code})`}`;
}

/** That the store has no such file. Without a body nobody can tell it from a bucket that is missing. */
export function isMissing(error: unknown): boolean {
  const { name } = error as ClientError;
  if (name === "NoSuchKey" || name === "NotFound") return true;
  return statusOf(error as ClientError) === 404 && name !== "NoSuchBucket";
}

/** That it may go well the next time, at once. */
export function isPassing(error: unknown): boolean {
  const status = statusOf(error as ClientError);
  return status === undefined || status >= 500;
}

/** The failure in plain words. Nothing of the client's own error goes along: it may hold what was signed. */
export function bucketRefusal(error: unknown): RecadoError {
  if (error instanceof RecadoError) return error;
  return new RecadoError("store_unavailable", [reasonOf(error as ClientError)]);
}
