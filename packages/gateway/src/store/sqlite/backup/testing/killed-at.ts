import { systemClock } from "../../../../base/clock.ts";
import { createBackup, restoreBackup } from "../index.ts";

/**
 * A process that makes a backup of `dataDir` in `folder`, or restores `folder` into `dataDir`, and kills
 * itself with SIGKILL at the n-th thing that it reports. Ends by itself when there are fewer.
 */
const [what = "", folder = "", dataDir = "", at = "0"] = process.argv.slice(2);
let reported = 0;
const onProgress = (): void => {
  reported += 1;
  if (reported === Number(at)) process.kill(process.pid, "SIGKILL");
};
if (what === "backup") {
  await createBackup({
    dataDir,
    target: folder,
    withKeys: true,
    clock: systemClock,
    version: "1.2.3",
    onProgress,
  });
} else {
  await restoreBackup({
    from: folder,
    dataDir,
    replace: true,
    clock: systemClock,
    newEpoch: () => "restored",
    onProgress,
  });
}
process.stdout.write("done");
