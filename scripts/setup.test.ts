import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { explain, matchesLockfile, pinnedNode, root } from "./setup.mjs";
import { countResults } from "./test.mjs";

describe("set-up knows whether everything is installed", () => {
  const wanted = {
    packages: {
      "": { name: "root" },
      "packages/a": { version: "1.0.0" },
      "node_modules/@x/a": { resolved: "packages/a", link: true },
      "node_modules/b": { version: "2.0.0" },
      "node_modules/b-other-system": { version: "2.0.0", optional: true },
    },
  };

  test("what npm installed from the lock file counts, without packages of other systems", () => {
    const installed = {
      packages: {
        "node_modules/@x/a": { resolved: "packages/a", link: true },
        "node_modules/b": { version: "2.0.0" },
      },
    };
    expect(matchesLockfile(wanted, installed)).toBe(true);
  });

  test.each([
    ["nothing is installed", undefined],
    ["npm's record is half written", {}],
    ["a package is missing", { packages: { "node_modules/@x/a": { link: true } } }],
    [
      "a package has another version",
      {
        packages: {
          "node_modules/@x/a": { link: true },
          "node_modules/b": { version: "1.9.0" },
        },
      },
    ],
  ])("when %s, it installs", (_situation, installed) => {
    expect(matchesLockfile(wanted, installed)).toBe(false);
  });
});

describe("a failed installation is explained in a sentence", () => {
  test.each([
    ["npm error code ENOTFOUND", "registry could not be reached"],
    ["npm error code EAI_AGAIN", "registry could not be reached"],
    ["npm error code ENOSPC", "disk is full"],
    ["npm error code EACCES", "not allowed"],
    ["npm error `npm ci` can only install packages when …", "do not fit together"],
    ["npm error something new", "could not be installed"],
  ])("%s", (output, sentence) => {
    expect(explain(output)).toContain(sentence);
    expect(explain(output)).toContain(output);
  });
});

describe("the closing line tells the truth", () => {
  const passed = { status: "passed", assertionResults: [{ status: "passed" }] };
  const failed = { status: "failed", assertionResults: [{ status: "failed" }] };
  const unloadable = { status: "failed", assertionResults: [] };

  test("a test file that could not be loaded is a failure, not nothing", () => {
    const report = {
      numPassedTests: 1,
      numFailedTests: 1,
      testResults: [passed, failed, unloadable],
    };
    expect(countResults(report)).toEqual({ passed: 1, failed: 2 });
  });
});

describe("the pinned runtime", () => {
  async function run(source: string, signal?: NodeJS.Signals) {
    const child = spawn(pinnedNode, ["--input-type=module", "--eval", source], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (signal !== undefined && output.includes("ready")) child.kill(signal);
    });
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output };
  }
  const wrapped = (program: string) =>
    `import { runPinned } from "./scripts/setup.mjs";
     process.exitCode = await runPinned(["--eval", ${JSON.stringify(program)}]);`;

  test("a program's exit code is the command's", async () => {
    expect((await run(wrapped("process.exit(7)"))).code).toBe(7);
  });

  test("a signal to the command reaches the program, which decides how to end", async () => {
    const program = `process.on("SIGTERM", () => process.exit(3)); setInterval(() => {}, 1000); console.log("ready");`;
    expect((await run(wrapped(program), "SIGTERM")).code).toBe(3);
  });

  test("when npm is stopped, and with it the shell between, the program is stopped as well", async () => {
    const program = `process.on("SIGTERM", () => { console.log("stopped"); process.exit(0); });
      setInterval(() => {}, 1000); console.log("ready");`;
    // As npm does it: a shell that stays in between, and that alone gets the signal.
    const script = `'${pinnedNode}' --input-type=module --eval '${wrapped(program).replaceAll("'", `'\\''`)}'; true`;
    const shell = spawn("sh", ["-c", script], {
      cwd: root,
      env: { ...process.env, npm_lifecycle_event: "start" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    shell.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.endsWith("ready\n")) shell.kill("SIGTERM");
    });
    // The pipe closes when the last process that holds it is gone.
    await once(shell, "close");
    expect(output).toBe("ready\nstopped\n");
  });

  test("a program killed by a signal is not reported as a success", async () => {
    expect((await run(wrapped(`process.kill(process.pid, "SIGKILL")`))).code).toBe(137);
  });
});
