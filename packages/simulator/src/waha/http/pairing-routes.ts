import type { JsonReply } from "../../serving/json-server.ts";
import type { FakeSession } from "../session/fake-session.ts";
import { codePicture } from "./code-picture.ts";
import { refusal } from "./refusals.ts";
import { binary, created, ok, sessionOf, type WahaCall, type WahaRoute } from "./route.ts";
import { findInStatus, findStarted, type WahaWorld } from "./waha-world.ts";

/** QR codes, pairing codes, passkeys and the screenshot, which shows the code on engines without a browser. */

function asPicture(bytes: Uint8Array, call: WahaCall, mimetype: string): JsonReply {
  const wantsJson = call.request.headers["accept"]?.includes("application/json") === true;
  if (!wantsJson) return binary(bytes, { "Content-Type": "image/png" });
  return ok({ mimetype, data: Buffer.from(bytes).toString("base64") });
}

function screenshot({ edition }: WahaWorld, session: FakeSession, call: WahaCall): JsonReply {
  const { status, qr } = session;
  if (edition.engine === "WEBJS") return asPicture(codePicture(qr ?? status), call, "image/png");
  // Recorded: it says JPEG of a PNG.
  if (qr !== null) return asPicture(codePicture(qr), call, "image/jpeg");
  switch (status) {
    case "STARTING":
      throw refusal(422, "The session is starting, please try again after few seconds");
    case "WORKING":
      throw refusal(422, "Can not get screenshot for non chrome based engine.");
    default:
      throw refusal(422, `Unknown status - ${status}`);
  }
}

function requestCode(world: WahaWorld, call: WahaCall): JsonReply {
  const session = findStarted(world, call.param("session"));
  const { engine } = world.edition;
  if (call.body["method"] !== undefined)
    throw refusal(422, `${engine} engine doesn't support any 'method', remove it and try again`);
  if (session.status !== "SCAN_QR_CODE") {
    const now = `The current status is ${session.status}`;
    throw refusal(422, `Can request code only in SCAN_QR_CODE status. ${now}`);
  }
  const part = (): string => world.random.text("ABCDEFGHJKLMNPQRSTVWXYZ123456789", 4);
  return created({ code: `${part()}-${part()}` });
}

/** What is pending of a passkey is the `data` of the status that asks for it. */
function passkey(world: WahaWorld, word: "challenge" | "confirmation"): WahaRoute {
  const asking = word === "challenge" ? "PASSKEY_REQUIRED" : "PASSKEY_CONFIRMATION_REQUIRED";
  return {
    method: "GET",
    template: `/api/:session/auth/passkey/${word}`,
    needs: "control",
    since: "2026.7.1",
    handle({ param }) {
      const session = findStarted(world, param("session"));
      if (session.status === asking) return ok(session.statusData);
      throw refusal(422, `No passkey ${word} is pending for the session`);
    },
  };
}

export function pairingRoutes(world: WahaWorld): WahaRoute[] {
  return [
    {
      method: "GET",
      template: "/api/:session/auth/qr",
      needs: "control",
      async handle(call) {
        const { qr } = await findInStatus(world, call.param("session"), ["SCAN_QR_CODE"]);
        const code = qr ?? "";
        if (call.request.query.get("format") === "raw") return ok({ value: code });
        return asPicture(codePicture(code), call, "image/png");
      },
    },
    {
      method: "POST",
      template: "/api/:session/auth/request-code",
      needs: "control",
      handle: (call) => requestCode(world, call),
    },
    passkey(world, "challenge"),
    passkey(world, "confirmation"),
    {
      method: "GET",
      template: "/api/screenshot",
      needs: "read",
      handle: (call) => screenshot(world, findStarted(world, sessionOf(call)), call),
    },
  ];
}
