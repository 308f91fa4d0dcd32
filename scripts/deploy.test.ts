import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { settings } from "../packages/gateway/src/config/index.ts";
import { root } from "./setup.mjs";

const read = (path: string): string => readFileSync(join(root, path), "utf8");

/** The parts of the Compose specification that our file uses; anything else is a spelling mistake. */
const duration = z.string().regex(/^\d+(?:ms|s|m)$/);
const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  profiles: z.array(z.string()).optional(),
  restart: z.enum(["no", "always", "on-failure", "unless-stopped"]),
  stop_grace_period: duration.optional(),
  // YAML reads an unquoted true as a boolean, which Compose refuses here.
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).optional(),
  command: z.array(z.string()).optional(),
  // Unquoted, YAML may read a port pair as a number to base 60.
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)).optional(),
  volumes: z.array(z.string().regex(/^[a-z-]+:\/[\w./-]+$/)).optional(),
  networks: z.array(z.string()),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({ condition: z.enum(["service_started", "service_healthy"]) }),
    )
    .optional(),
  healthcheck: z
    .strictObject({
      test: z.array(z.string()).min(2),
      interval: duration,
      timeout: duration,
      retries: z.int(),
    })
    .optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
});
const composeSchema = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.strictObject({})),
  volumes: z.record(z.string(), z.strictObject({})),
});

describe("deploy/compose.yaml", () => {
  const text = read("deploy/compose.yaml");
  const compose = composeSchema.parse(parse(text));
  const services = Object.entries(compose.services);

  test("every image has a fixed tag", () => {
    const images = services.map(([, { image }]) => image.replace(/\$\{\w+:-([^}]*)\}/, "$1"));
    for (const image of images) expect(image).toMatch(/^[\w./-]+:(?!latest)[\w.-]+$/);
  });

  test("volumes and networks that are used are declared, and the other way round", () => {
    const used = new Set(
      services
        .flatMap(([, { volumes }]) => volumes ?? [])
        .map((volume) => volume.split(":")[0] ?? ""),
    );
    expect([...used].toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
    const joined = new Set(services.flatMap(([, { networks }]) => networks));
    expect([...joined].toSorted()).toEqual(Object.keys(compose.networks).toSorted());
  });

  test("a service that waits for a healthy one waits for one with a health check, in the same profile", () => {
    for (const [name, { depends_on, profiles }] of services) {
      for (const other of Object.keys(depends_on ?? {})) {
        expect(compose.services[other], `${name} → ${other}`).toMatchObject({
          healthcheck: expect.anything() as unknown,
          profiles,
        });
      }
    }
  });

  test("addresses between the services name services that share a network", () => {
    for (const [name, { environment, networks }] of services) {
      const hosts = Object.values(environment ?? {}).flatMap((value) =>
        [...value.matchAll(/(?:\/\/|@)([a-z][a-z-]*):\d+/g)].map((match) => match[1] ?? ""),
      );
      for (const host of hosts) {
        const theirs = compose.services[host]?.networks ?? [];
        const shared = networks.filter((network) => theirs.includes(network));
        expect(shared, `${name} → ${host}`).not.toEqual([]);
      }
    }
  });

  test(".env.example has exactly the variables that the file asks for", () => {
    const asked = new Set([...text.matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1] ?? ""));
    const offered = [...read("deploy/.env.example").matchAll(/^([A-Z_]+)=/gm)].map(
      (match) => match[1] ?? "",
    );
    expect(offered.filter((name) => name !== "COMPOSE_PROFILES").toSorted()).toEqual(
      [...asked].toSorted(),
    );
  });

  test("no secret has a value in the files", () => {
    const secrets = read("deploy/.env.example").matchAll(
      /^\w*(?:KEY|PASSWORD|SECRET|URL)\w*=(.*)$/gm,
    );
    expect([...secrets].map((match) => match[1])).toEqual(["", "", "", "", ""]);
  });

  test("Recado's variables are settings that exist", () => {
    const known = Object.values(settings).map((setting) => setting.name as string);
    expect(known).toEqual(
      expect.arrayContaining(Object.keys(compose.services["recado"]?.environment ?? {})),
    );
  });
});

describe("deploy/Dockerfile", () => {
  const text = read("deploy/Dockerfile");
  const dockerfile = DockerfileParser.parse(text);
  const instructions = dockerfile.getInstructions();
  const stages = dockerfile.getFROMs();
  const lastStage = instructions.slice(instructions.findIndex((one) => one === stages.at(-1)));
  const lines = (keyword: string) =>
    lastStage
      .filter((one) => one.getKeyword() === keyword)
      .map((one) => one.getArgumentsContent() ?? "");

  test("the syntax is right", () => {
    expect(validate(text).map((finding) => finding.message)).toEqual([]);
  });

  test("every stage starts from an image with a fixed tag, of the Node version that the project pins", () => {
    const manifest = JSON.parse(read("package.json")) as { dependencies: { node: string } };
    const major = manifest.dependencies.node.split(".")[0];
    for (const stage of stages) {
      expect(stage.getImage()).toMatch(/:(?!latest)[\w.-]+$/);
      expect(stage.getImage()).toContain(`node:${major}-`);
    }
  });

  test("the server does not run as root", () => {
    expect(lines("USER").at(-1)).toBe("node");
  });

  test("the container tells whether it is healthy", () => {
    expect(lines("HEALTHCHECK")).toHaveLength(1);
    expect(lines("HEALTHCHECK")[0]).toContain("/health");
  });

  test("the server is process 1, so that it receives the signal to stop", () => {
    for (const keyword of ["ENTRYPOINT", "CMD"]) {
      const [content = ""] = lines(keyword);
      expect(() => JSON.parse(content) as unknown).not.toThrow();
    }
  });

  test("data lives in a volume that the server may write", () => {
    const environment = lines("ENV").join(" ");
    const volume = lines("VOLUME")[0] ?? "";
    expect(environment).toContain(`DATA_DIR=${volume}`);
    expect(environment).toContain("HOST=0.0.0.0");
    expect(lines("RUN").join("\n")).toContain(`chown node:node ${volume}`);
  });

  test("what is copied from here exists and is sent to the builder", () => {
    const sent = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    for (const copy of dockerfile.getCOPYs()) {
      if (copy.getFromFlag()) continue;
      const sources = copy
        .getArguments()
        .slice(0, -1)
        .map((argument) => argument.getValue());
      for (const source of sources) {
        expect(existsSync(join(root, source)), source).toBe(true);
        expect(
          sent.some((path) => source === path || source.startsWith(`${path}/`)),
          source,
        ).toBe(true);
      }
    }
  });

  test("every workspace's package.json is there before npm reads the lock file", () => {
    const manifest = JSON.parse(read("package-lock.json")) as {
      packages: Record<string, { link?: boolean; resolved?: string }>;
    };
    const workspaces = Object.values(manifest.packages).flatMap((entry) =>
      entry.link ? [entry.resolved ?? ""] : [],
    );
    for (const workspace of workspaces)
      expect(text).toContain(`COPY ${workspace}/package.json ${workspace}/`);
  });

  test("copies between stages name stages that exist", () => {
    const names = stages.map((stage) => stage.getBuildStage());
    for (const copy of dockerfile.getCOPYs()) {
      const from = copy.getFromFlag()?.getValue();
      expect(from === undefined || from === null || names.includes(from), from ?? "").toBe(true);
    }
  });
});
