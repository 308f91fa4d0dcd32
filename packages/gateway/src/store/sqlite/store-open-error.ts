/** The data folder cannot be opened; `message` says why and what to do, in words for the operator. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
}
