/**
 * Backup and restore of the embedded store's data folder.
 *
 * Owns: the form of a backup, how it is made beside a gateway at work, and how a data folder is replaced.
 * Must not know: the command line, what keys seal, providers.
 *
 * I1 What was acknowledged before a backup began is in it, and what is in it is a dense beginning of each
 *    log (`backup.test.ts`).
 * I2 A backup has its name only when it is complete, checked and on disk (`killed.process.test.ts`).
 * I3 A data folder is at every moment the old state or the new one (`killed.process.test.ts`).
 * I4 Nothing of a data folder is deleted (`restore.test.ts`).
 * I5 A restored log has an epoch of its own (`restore.test.ts`).
 */
export { BackupFailure, BackupRefusal } from "./backup-error.ts";
export { createBackup, type BackupReport } from "./create-backup.ts";
export { keysName } from "./manifest.ts";
export type { BackupProgress, OnProgress } from "./progress.ts";
export { restoreBackup, type RestoreReport } from "./restore-backup.ts";
export { finishInterruptedRestore } from "./restore-journal.ts";
export { verifyBackup } from "./verify-backup.ts";
