import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startGateway, temporaryFolder } from "./gateway-process.ts";

const main = fileURLToPath(new URL("../packages/gateway/src/cli/main.ts", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly said: string;
}

/** Runs `recado` until it ends by itself. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const flags = ["--conditions=@recado/source", "--disable-warning=ExperimentalWarning", main];
  const child = spawn(process.execPath, [...flags, ...args], {
    env: { PATH: process.env["PATH"], PORT: "0", ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, said };
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

describe("a start that cannot be", () => {
  it("because the port is in use ends with 1 and says which setting to change", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const port = String((other.address() as AddressInfo).port);
    const { code, said } = await run(["serve", "--port", port], { DATA_DIR: folder.path });
    other.close();
    expect([code, said]).toEqual([
      1,
      `recado: Cannot listen on 127.0.0.1, port ${port}: the port is in use; stop the other program, or choose another port (PORT).\n`,
    ]);
  });

  it("because the data folder is a file ends with 2 and says so", async () => {
    const path = join(folder.path, "a-file");
    await writeFile(path, "");
    const { code, said } = await run(["serve"], { DATA_DIR: path });
    expect([code, said]).toEqual([
      2,
      `recado: The data folder ${path} cannot be used (DATA_DIR): it is not a folder.\n`,
    ]);
  });

  it("because another Recado has the folder leaves that one alone", async () => {
    const first = await startGateway(folder.path);
    const { code, said } = await run(["serve"], { DATA_DIR: folder.path });
    expect(code).toBe(1);
    expect(said).toMatch(/is in use by another Recado process/);
    expect((await fetch(`${first.url}/ready`)).status).toBe(200);
    await first.stop();
  });

  it("because the encryption key is another one ends with 2 before anything fails by it", async () => {
    const env = { ENCRYPTION_KEY: "ab".repeat(32) };
    await (await startGateway(folder.path, env)).stop();
    await (await startGateway(folder.path, env)).stop();
    const { code, said } = await run(["serve"], {
      DATA_DIR: folder.path,
      ENCRYPTION_KEY: "cd".repeat(32),
    });
    expect(code).toBe(2);
    expect(said).toMatch(
      /^recado: The stored secrets were encrypted with another key\. .*ENCRYPTION_KEY/,
    );
  });

  it.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ["a range", ["serve"], { DELIVERY_ALLOW_TARGETS: "10.0.0.0/99" }, /DELIVERY_ALLOW_TARGETS: /],
    ["an origin", ["serve"], { ALLOWED_ORIGINS: "example.com" }, /ALLOWED_ORIGINS must be/],
    ["a demo's seed", ["demo", "--seed", "abc"], {}, /--seed must be a whole number/],
    ["a command", ["bogus"], {}, /unknown command/],
  ])("because %s is wrong ends with 2 and names it", async (_name, args, env, message) => {
    const { code, said } = await run(args, { DATA_DIR: folder.path, ...env });
    expect(code).toBe(2);
    expect(said).toMatch(message);
  });
});
