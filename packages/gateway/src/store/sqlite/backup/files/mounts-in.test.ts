import { expect, test } from "vitest";
import { namesMounted } from "./mounts-in.ts";

const table = [
  "21 1 253:0 / / rw,relatime shared:1 - ext4 /dev/vda rw",
  "90 21 0:50 / /data rw - ext4 /dev/vdb rw",
  "91 90 253:0 /secrets /data/secrets.json ro - ext4 /dev/vda rw",
  "92 90 0:51 / /data/media/hot rw - tmpfs tmpfs rw",
  "93 90 0:52 / /data/with\\040blank rw - tmpfs tmpfs rw",
  "94 21 0:53 / /database rw - tmpfs tmpfs rw",
  "",
].join("\n");

test("what is mounted in a folder, or deeper in it, is named by its first part", () => {
  expect(namesMounted(table, "/data")).toEqual(["secrets.json", "media", "with blank"]);
});

test("the folder itself, its neighbours and broken lines are not in it", () => {
  expect(namesMounted(table, "/data/media/hot")).toEqual([]);
  expect(namesMounted(table, "/dat")).toEqual([]);
  expect(namesMounted("garbage\n\n1 2 3", "/data")).toEqual([]);
});
