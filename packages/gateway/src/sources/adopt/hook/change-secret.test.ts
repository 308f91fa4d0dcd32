import { createHmac } from "node:crypto";
import { startFakeWaha, type FakeWaha } from "@recado/simulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Instance, ProviderServer } from "../../../store/contract/index.ts";
import { unsignedGraceMs } from "../decide/secret-plan.ts";
import { createAdoptionStage, scope, type AdoptionStage } from "../testing/adoption-stage.ts";

const apiKey = "the-key-of-this-server";
let stage: AdoptionStage;
let waha: FakeWaha;
let server: ProviderServer;
beforeEach(async () => {
  stage = await createAdoptionStage();
  waha = await startFakeWaha({
    apiKey,
    sessions: [{ name: "loja", me: { id: "5511900000100@c.us", pushName: "Loja" } }],
  });
  server = await stage.register("waha", waha.url, apiKey);
});
afterEach(async () => {
  await waha.close();
  await stage.close();
});

/** Whether the door takes a webhook that is signed so. */
async function send({ ingestToken }: Instance, secret: string | undefined): Promise<boolean> {
  const body = JSON.stringify({
    event: "session.status",
    session: "loja",
    payload: { status: "WORKING" },
  });
  const response = await fetch(`${stage.publicUrl}/in/${ingestToken}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      ...(secret === undefined
        ? {}
        : {
            "x-webhook-hmac": createHmac("sha512", secret).update(body).digest("hex"),
            "x-webhook-hmac-algorithm": "sha512",
          }),
    },
  });
  return response.ok;
}

async function keyAtProvider(): Promise<unknown> {
  const response = await fetch(`${waha.url}/api/sessions/loja`, {
    headers: { "x-api-key": apiKey },
  });
  const { config } = (await response.json()) as {
    config: { webhooks: { hmac?: { key: string } }[] };
  };
  return config.webhooks[0]?.hmac?.key;
}

test("a secret that a person chooses goes to the provider, and nothing that was signed before is refused", async () => {
  const adoption = stage.adoption();
  await adoption.sync(scope, server);
  const { id, webhookSecret = "" } = await stage.instance("loja");
  const old = stage.secretBox.open(webhookSecret);
  expect(await send(await stage.instance("loja"), "forged")).toBe(false);
  const changed = await adoption.changeSecret(scope, id, "chosen by a person");
  expect(await send(changed, old)).toBe(true);
  await adoption.settled();
  expect(await keyAtProvider()).toBe("chosen by a person");
  expect(await send(changed, old)).toBe(true);
  stage.skewMs += unsignedGraceMs;
  await adoption.checkNow(scope, server);
  const settled = await stage.instance("loja");
  expect(await send(settled, old)).toBe(false);
  expect(await send(settled, undefined)).toBe(false);
  expect(await send(settled, "chosen by a person")).toBe(true);
  // It is theirs: it stays when the number is given back.
  await adoption.release(scope, server);
  const { webhookSecret: kept = "" } = await stage.instance("loja");
  expect(stage.secretBox.open(kept)).toBe("chosen by a person");
});

test("a provider that is down while a secret is chosen gets it later, and nothing is refused until it has it", async () => {
  const adoption = stage.adoption();
  await adoption.sync(scope, server);
  const { id, webhookSecret = "" } = await stage.instance("loja");
  const old = stage.secretBox.open(webhookSecret);
  const lift = waha.trouble.fail({ answer: { status: 401, body: {} } });
  const changed = await adoption.changeSecret(scope, id, "chosen by a person");
  await adoption.settled();
  stage.skewMs += 10 * unsignedGraceMs;
  expect(await send(changed, old)).toBe(true);
  lift();
  await adoption.checkNow(scope, server);
  expect(await keyAtProvider()).toBe("chosen by a person");
  expect(JSON.stringify([await adoption.hookOf(scope, id), stage.logged])).not.toContain("chosen");
});

test("a secret of a number that is not adopted, or the one that it has, is a matter of this side alone", async () => {
  const adoption = stage.adoption();
  const instance: Instance = {
    id: "ins_alone",
    tenantId: scope.tenantId,
    name: "alone",
    providerName: "alone",
    provider: "waha",
    ingestToken: "an-ingest-token-of-it",
    createdAt: 1,
  };
  await stage.store.directory.createInstance(scope, instance);
  for (let times = 0; times < 2; times++) {
    const changed = await adoption.changeSecret(scope, instance.id, "chosen by a person");
    expect(stage.secretBox.open(changed.webhookSecret ?? "")).toBe("chosen by a person");
  }
  await expect(adoption.changeSecret(scope, "ins_none", "x")).rejects.toMatchObject({
    code: "not_found",
  });
});
