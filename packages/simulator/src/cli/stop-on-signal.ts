/** Time for connections to end before the process does. */
const graceMs = 10_000;

/** Ends at the first signal by `close`, at once at the second. */
export function stopOnSignal(close: () => Promise<void>): void {
  let asked = false;
  const stop = (): void => {
    if (asked) process.exit(1);
    asked = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`recado-simulator: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
