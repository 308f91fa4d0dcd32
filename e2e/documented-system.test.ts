import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { startFakeEvolution, startFakeWaha, startReceiver } from "@recado/simulator";
import { expect, onTestFinished, test, vi } from "vitest";
import { adminKey, startGateway, temporaryFolder } from "./gateway-process.ts";

const jwtSecret = "the old system's secret of tokens";

/** A token as the old system made them. */
function oldToken(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { userId: "7", email: "a@b.c", role: "ADMIN", tenantId: "default", iat };
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part({ ...claims, exp: iat + 3_600 })}`;
  return `${text}.${createHmac("sha256", jwtSecret).update(text).digest("base64url")}`;
}

/** Method, path, headers and body of a guide's `curl` line, whose quotes are all single ones. */
function readCurl(line: string): { readonly url: string; readonly init: RequestInit } {
  const quoted = (pattern: RegExp): string[] =>
    [...line.matchAll(pattern)].map((match) => match[1] ?? "");
  const [body] = quoted(/ -d '([^']*)'/g);
  const headers = quoted(/ -H '([^']*)'/g).map((header) => header.split(": ", 2));
  const [method = "GET"] = quoted(/ -X (\w+)/g);
  const [url = ""] = quoted(/'(http[^']*)'/g);
  return {
    url,
    init: {
      method,
      headers: Object.fromEntries(headers) as Record<string, string>,
      ...(body === undefined ? {} : { body }),
    },
  };
}

test.each(["from-the-documented-system.md", "from-the-documented-system.pt-BR.md"])(
  "every call of %s works, and the undo puts back what was there",
  async (page) => {
    const receiver = await startReceiver();
    const before = { url: `${receiver.url}/antes`, enabled: true, events: ["MESSAGES_UPSERT"] };
    const evolution = await startFakeEvolution({
      apikey: "evolution-key-of-the-guide",
      instances: [{ name: "minha-instancia", owner: "5511900000100@s.whatsapp.net" }],
    });
    evolution.setWebhook("minha-instancia", before);
    const waha = await startFakeWaha({
      apiKey: "waha-key-of-the-guide",
      sessions: [{ name: "minha-sessao" }],
    });
    const folder = await temporaryFolder();
    const gateway = await startGateway(folder.path, {
      JWT_SECRET: jwtSecret,
      EVOLUTION_API_URL: evolution.url,
      EVOLUTION_API_KEY: "evolution-key-of-the-guide",
      WAHA_BASE_URL: waha.url,
      WAHA_API_KEY: "waha-key-of-the-guide",
    });
    onTestFinished(async () => {
      await gateway.stop();
      await Promise.all([evolution.close(), waha.close(), receiver.close()]);
      await folder.remove();
    });
    const token = oldToken();
    const read = async (path: string): Promise<unknown> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${gateway.url}/api/webhook-management${path}`, { headers })).json();
    };
    // Both servers are adopted in the background.
    await vi.waitFor(
      async () => {
        for (const path of ["/evolution/minha-instancia", "/waha/minha-sessao"])
          expect(await read(path)).toMatchObject({ success: true, webhook: { enabled: true } });
      },
      { timeout: 15_000 },
    );
    const values: Record<string, string> = { TOKEN: token, ADMIN_KEY: adminKey };
    const text = await readFile(new URL(`../docs/guides/${page}`, import.meta.url), "utf8");
    for (const [, line = ""] of text.matchAll(/```sh\n(curl [^\n]*)\n```/g)) {
      const filled = line
        .replaceAll("http://localhost:3001", gateway.url)
        .replaceAll(/<([A-Z_]+)>/g, (_, name: string) => values[name] ?? "missing");
      const { url, init } = readCurl(filled);
      const response = await fetch(url, init);
      const body = (await response.json()) as {
        readonly success?: boolean;
        readonly data?: readonly { readonly id: string; readonly provider: string }[];
      };
      const outcome = `${response.ok && body.success !== false} ${line} ${JSON.stringify(body)}`;
      expect(outcome).toMatch(/^true /);
      const found = body.data?.find(({ provider }) => provider === "evolution");
      if (found) values["SERVER_ID"] = found.id;
      if (line.includes("evolution/minha-instancia")) {
        expect(await read("/evolution/minha-instancia")).toMatchObject({
          webhook: { url: "https://meu-servidor.com/webhook", enabled: true },
        });
        expect(evolution.webhookOf("minha-instancia")?.url).toContain("/in/");
      }
    }
    expect(evolution.webhookOf("minha-instancia")).toMatchObject(before);
  },
);
