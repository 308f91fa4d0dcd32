/** What was asked does not fit these folders; nothing was changed. `message` says why and what to do. */
export class BackupRefusal extends Error {
  override readonly name = "BackupRefusal";
}

/** It was begun and could not be done: a damaged file, a full disk. `message` says what is left behind. */
export class BackupFailure extends Error {
  override readonly name = "BackupFailure";
}
