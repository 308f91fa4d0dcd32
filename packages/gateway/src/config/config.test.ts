import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, configDocument, loadSecrets, readConfig } from "./index.ts";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "recado-config-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe("settings", () => {
  it("have the documented defaults", () => {
    expect(readConfig({})).toMatchObject({
      port: 3001,
      host: "127.0.0.1",
      retentionDays: 30,
      bodyLimitBytes: 32 * 1_048_576,
      logLevel: "info",
      restartFrozen: false,
      lateAfterMs: 600_000,
      ingestRates: { perInstance: 100, perTenant: 1_000 },
      allowedOrigins: ["*"],
      jwtTtlSeconds: 3_600,
      notices: [],
    });
  });

  it("a flag wins over the environment, and the first name over its aliases", () => {
    expect(readConfig({ PORT: "4000" }, { port: "5000" }).port).toBe(5000);
    expect(
      readConfig({ BACKEND_URL: "https://b.example/", WEBHOOK_BASE_URL: "https://c.example" })
        .publicUrl,
    ).toBe("https://b.example");
    expect(
      readConfig({ FRONTEND_URL: "https://a.example, https://b.example" }).allowedOrigins,
    ).toEqual(["https://a.example", "https://b.example"]);
  });

  it.each([
    [{ PORT: "eighty" }, /PORT must be a whole number from 0 to 65535/],
    [{ PORT: "70000" }, /PORT must be/],
    [{ LOG_LEVEL: "loud" }, /LOG_LEVEL must be one of/],
    [{ WEBHOOK_REPAIR: "yes" }, /WEBHOOK_REPAIR must be one of/],
    [{ EVOLUTION_HOST: "ftp://evo", EVOLUTION_API_KEY: "k" }, /EVOLUTION_HOST must start with/],
    [{ PUBLIC_URL: "example.com" }, /PUBLIC_URL must start with http/],
    [{ PUBLIC_URL: "https://me:secret@example.com" }, /PUBLIC_URL must not have/],
    [{ PUBLIC_URL: "https://example.com/?a=b" }, /PUBLIC_URL must not have/],
    [{ ALLOWED_ORIGINS: "app.example.com" }, /ALLOWED_ORIGINS must be \* or origins/],
    [{ JWT_SECRET: "short" }, /JWT_SECRET is too short/],
    [{ JWT_EXPIRES_IN: "soon" }, /JWT_EXPIRES_IN must be/],
    [
      { DATABASE_URL: "postgres://db/recado" },
      /DATABASE_URL is set, but this version has only the embedded store/,
    ],
  ])("%j is refused in plain words", (env, message) => {
    expect(() => readConfig(env)).toThrow(ConfigError);
    expect(() => readConfig(env)).toThrow(message);
  });

  it("origins are kept as browsers send them, whatever stands behind the host", () => {
    expect(
      readConfig({
        ALLOWED_ORIGINS: "https://App.example.com/login/, capacitor://localhost,http://a:80",
      }).allowedOrigins,
    ).toEqual(["https://app.example.com", "capacitor://localhost", "http://a"]);
  });

  it("servers to adopt are read under every name, with or without http in front", () => {
    expect(
      readConfig({
        DEFAULT_EVOLUTION_HOST: "evolution:8080/",
        EVOLUTION_API_KEY_GLOBAL: "k1",
        WAHA_BASE_URL: "https://waha.example.com/base/",
        DEFAULT_WAHA_API_KEY: "k2",
      }),
    ).toMatchObject({
      providerServers: [
        { provider: "evolution", baseUrl: "http://evolution:8080", apiKey: "k1" },
        { provider: "waha", baseUrl: "https://waha.example.com/base", apiKey: "k2" },
      ],
      webhookCheckMs: 300_000,
      webhookRepair: "deaf",
      notices: [],
    });
    expect(readConfig({ EVOLUTION_API_KEY: "k", WAHA_HOST: "" }).providerServers).toEqual([]);
  });

  it("a server without its key is not adopted, and that is said", () => {
    const { providerServers, notices } = readConfig({ WAHA_API_URL: "http://waha:3000" });
    expect([providerServers, notices]).toEqual([
      [],
      ["WAHA_HOST is set without WAHA_API_KEY: the server is not adopted."],
    ]);
  });

  it("a bucket for files is read whole, and half of one stops the start", () => {
    const given = {
      MEDIA_S3_BUCKET: "files",
      MEDIA_S3_ACCESS_KEY_ID: "key",
      MEDIA_S3_SECRET_ACCESS_KEY: "secret-of-the-key",
    };
    const bucket = { bucket: "files", accessKeyId: "key", secretAccessKey: "secret-of-the-key" };
    expect(readConfig(given).mediaBucket).toEqual({
      ...bucket,
      region: "us-east-1",
      pathStyle: true,
    });
    const more = {
      MEDIA_S3_ENDPOINT: "http://10.0.0.5:9000/",
      MEDIA_S3_REGION: "sa-east-1",
      MEDIA_S3_PATH_STYLE: "off",
    };
    expect(readConfig({ ...given, ...more }).mediaBucket).toEqual({
      ...bucket,
      endpoint: "http://10.0.0.5:9000",
      region: "sa-east-1",
      pathStyle: false,
    });
    expect(readConfig({ MEDIA_S3_REGION: "sa-east-1" }).mediaBucket).toBeUndefined();
    for (const name of Object.keys(given))
      expect(() => readConfig({ ...given, [name]: "" })).toThrow(`${name} must be set too`);
    expect(() => readConfig({ MEDIA_S3_ENDPOINT: "http://minio:9000" })).toThrow(/must be set too/);
    expect(() => readConfig({ ...given, MEDIA_S3_BUCKET: "a/b" })).toThrow(/name of a bucket/);
    expect(() => readConfig({ ...given, MEDIA_S3_ENDPOINT: "http://k:s@minio" })).toThrow(
      /must not have a user name/,
    );
  });

  it("docs/config.md is the table", async () => {
    const page = new URL("../../../../docs/config.md", import.meta.url);
    expect(await readFile(page, "utf8")).toBe(configDocument());
  });
});

describe("generated secrets", () => {
  it("are made once, kept with mode 0600 and shown as new only then", async () => {
    const config = readConfig({ DATA_DIR: directory });
    const first = await loadSecrets(config);
    const second = await loadSecrets(config);
    expect(first.adminKeyIsNew).toBe(true);
    expect(second).toEqual({ ...first, adminKeyIsNew: false });
    expect(first.encryptionKey).toHaveLength(32);
    expect((await stat(join(directory, "secrets.json"))).mode & 0o777).toBe(0o600);
  });

  it("what the operator gives is used and never written down", async () => {
    const given = {
      DATA_DIR: directory,
      ADMIN_KEY: "operator-key-0123456789",
      JWT_SECRET: "jwt-secret-0123456789",
    };
    const secrets = await loadSecrets(readConfig(given));
    expect(secrets).toMatchObject({
      adminKey: given.ADMIN_KEY,
      jwtSecret: given.JWT_SECRET,
      adminKeyIsNew: false,
    });
    const file = await readFile(join(directory, "secrets.json"), "utf8");
    expect(file).not.toContain(given.ADMIN_KEY);
    expect(file).not.toContain(given.JWT_SECRET);
  });

  it("a damaged key file stops the start instead of being replaced", async () => {
    await writeFile(join(directory, "secrets.json"), "{");
    await expect(loadSecrets(readConfig({ DATA_DIR: directory }))).rejects.toThrow(/damaged/);
    expect(await readFile(join(directory, "secrets.json"), "utf8")).toBe("{");
  });

  it("an encryption key of the wrong size is refused", async () => {
    const config = readConfig({ DATA_DIR: directory, ENCRYPTION_KEY: "abc" });
    await expect(loadSecrets(config)).rejects.toThrow(/32 bytes/);
  });
});
