import { createReadStream } from "node:fs";
import { basename, dirname } from "node:path";
import { createInterface } from "node:readline";

/** One thing that a recorded process did to its data folder, in the order in which the system did it. */
export type DiskOperation =
  | { readonly kind: "create" | "remove"; readonly name: string }
  | { readonly kind: "rename"; readonly name: string; readonly to: string }
  | { readonly kind: "write"; readonly name: string; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: "truncate"; readonly name: string; readonly size: number }
  /** A sync began: it covers what came before this. */
  | { readonly kind: "syncBegins"; readonly call: string; readonly name: string }
  /** It returned: what it covers is durable. */
  | { readonly kind: "syncEnds"; readonly call: string }
  /** The process wrote to its standard output, hence told somebody. */
  | { readonly kind: "said"; readonly text: string };

/** What strace is asked to show: everything that changes a file, its name, or makes either durable. */
export const tracedCalls = [
  "openat",
  "write",
  "writev",
  "pwrite64",
  "pwritev",
  "fdatasync",
  "fsync",
  "ftruncate",
  "fallocate",
  "unlink",
  "unlinkat",
  "rename",
  "renameat",
  "renameat2",
].join(",");

/** The folder itself, as a thing that is synced. */
export const folderName = ".";

interface Call {
  readonly pid: string;
  readonly name: string;
  readonly parameters: string;
}

function unescape(hex: string): Buffer {
  return Buffer.from(hex.replaceAll("\\x", ""), "hex");
}

/** Strings and the paths behind descriptors, with `-xx -y`: both are hexadecimal. */
function textsOf(parameters: string): readonly string[] {
  return [...parameters.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map((match) => match[1] ?? "");
}

function descriptorPath(parameters: string): string {
  return unescape(/^\d+<((?:\\x[0-9a-f]{2})*)>/.exec(parameters)?.[1] ?? "").toString();
}

/**
 * Reads the operations on `directory` (which must exist before the process starts) from what
 * `strace -f -y -xx` wrote. Throws at a call that changes files in a way that is not modelled.
 */
export async function readTrace(
  path: string,
  directory: string,
): Promise<readonly DiskOperation[]> {
  const operations: DiskOperation[] = [];
  const unfinished = new Map<string, Call>();
  const reader = new TraceReader(directory, operations);
  const lines = createInterface({ input: createReadStream(path, "latin1"), crlfDelay: Infinity });
  for await (const line of lines) {
    const [, pid = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const begun = /^(\w+)\((.*?),? *<unfinished \.\.\.>$/.exec(rest);
    if (begun) {
      const call = { pid, name: begun[1] ?? "", parameters: begun[2] ?? "" };
      unfinished.set(pid, call);
      reader.begin(call);
      continue;
    }
    const resumed = /^<\.\.\. (\w+) resumed>(.*)\) += (-?\d+|\?)/.exec(rest);
    if (resumed) {
      const call = unfinished.get(pid);
      unfinished.delete(pid);
      if (call) reader.end(call, `${call.parameters}${resumed[2] ?? ""}`, Number(resumed[3]));
      continue;
    }
    const whole = /^(\w+)\((.*)\) += (-?\d+|\?)/.exec(rest);
    if (!whole) continue;
    const call = { pid, name: whole[1] ?? "", parameters: whole[2] ?? "" };
    reader.begin(call);
    reader.end(call, call.parameters, Number(whole[3]));
  }
  return operations;
}

class TraceReader {
  readonly #directory: string;
  readonly #operations: DiskOperation[];

  constructor(directory: string, operations: DiskOperation[]) {
    this.#directory = directory;
    this.#operations = operations;
  }

  begin({ pid, name, parameters }: Call): void {
    if (name !== "fdatasync" && name !== "fsync") return;
    const path = descriptorPath(parameters);
    const file = path === this.#directory ? folderName : this.#nameOf(path);
    if (file !== undefined) this.#operations.push({ kind: "syncBegins", call: pid, name: file });
  }

  end({ pid, name }: Call, parameters: string, result: number): void {
    if (!(result >= 0)) return;
    switch (name) {
      case "fdatasync":
      case "fsync":
        this.#operations.push({ kind: "syncEnds", call: pid });
        return;
      case "write":
        this.#said(parameters, result);
        return;
      case "openat":
        this.#opened(parameters);
        return;
      default:
        this.#changed(name, parameters, result);
    }
  }

  /** The part of a path below the folder, when it is a file right in it. */
  #nameOf(path: string): string | undefined {
    return dirname(path) === this.#directory ? basename(path) : undefined;
  }

  #said(parameters: string, length: number): void {
    const [text = ""] = textsOf(parameters);
    if (parameters.startsWith("1<"))
      this.#operations.push({
        kind: "said",
        text: unescape(text).subarray(0, length).toString(),
      });
    else if (this.#nameOf(descriptorPath(parameters)) !== undefined)
      throw new Error("a write without a position in the data folder is not modelled");
  }

  #opened(parameters: string): void {
    if (!parameters.includes("O_CREAT")) return;
    const name = this.#nameOf(unescape(textsOf(parameters)[0] ?? "").toString());
    if (name !== undefined) this.#operations.push({ kind: "create", name });
    if (name !== undefined && parameters.includes("O_TRUNC"))
      this.#operations.push({ kind: "truncate", name, size: 0 });
  }

  #changed(call: string, parameters: string, result: number): void {
    const texts = textsOf(parameters);
    if (call === "pwrite64" || call === "ftruncate") {
      const name = this.#nameOf(descriptorPath(parameters));
      const last = Number(/(\d+)$/.exec(parameters)?.[1]);
      if (name === undefined) return;
      if (call === "ftruncate") {
        this.#operations.push({ kind: "truncate", name, size: last });
        return;
      }
      const bytes = unescape(texts[0] ?? "");
      if (bytes.length !== result) throw new Error("a write was recorded in part only");
      this.#operations.push({ kind: "write", name, at: last, bytes });
      return;
    }
    const [from, to] = texts.map((text) => this.#nameOf(unescape(text).toString()));
    if (call.startsWith("unlink")) {
      if (from !== undefined) this.#operations.push({ kind: "remove", name: from });
    } else if (call.startsWith("rename")) {
      if (from !== undefined && to !== undefined)
        this.#operations.push({ kind: "rename", name: from, to });
    } else if (this.#nameOf(descriptorPath(parameters)) !== undefined) {
      throw new Error(`${call} in the data folder is not modelled`);
    }
  }
}
