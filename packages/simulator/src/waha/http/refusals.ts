import { Refusal } from "../../serving/json-server.ts";
import type { WahaEdition } from "../edition.ts";

/** WAHA's error forms, in its words (recorded on 2026.2.1). */

const titles: Readonly<Record<number, string>> = {
  400: "Bad Request",
  404: "Not Found",
  422: "Unprocessable Entity",
};

/** `{message, error, statusCode}`; the title is absent where NestJS gives none. */
export function refusal(statusCode: number, message: unknown): Refusal {
  const error = titles[statusCode];
  const body = error === undefined ? { message, statusCode } : { message, error, statusCode };
  return new Refusal({ status: statusCode, body });
}

export const unauthorized = (): Refusal => refusal(401, "Unauthorized");
export const forbidden = (): Refusal => refusal(403, "Forbidden");
export const sessionNotFound = (): Refusal => refusal(404, "Session not found");
export const unknownRoute = (method: string, url: string): Refusal =>
  refusal(404, `Cannot ${method} ${url}`);

/** Of a session that does not run: its object does not exist, whether it is stopped or was never there. */
export function notStarted(name: string): Refusal {
  return refusal(
    404,
    `We didn't find a session with name '${name}'.\n` +
      `Please start it first by using POST /api/sessions/${name}/start request`,
  );
}

const site = "https://waha.devlike.pro/";

export function onlyDefault(name: string): Refusal {
  const base64 = Buffer.from(name).toString("base64");
  return refusal(
    422,
    `WAHA Core support only 'default' session. You tried to access '${name}' session (base64: ${base64}). ` +
      `If you want to run more then one WhatsApp account - please get WAHA PLUS version. Check this out: ${site}`,
  );
}

export function onlyInPlus({ engine }: WahaEdition): Refusal {
  return refusal(
    422,
    `The feature is available only in Plus version for '${engine}' engine. Check this out: ${site}`,
  );
}

export const noKeysHere = (): Refusal =>
  refusal(422, `API key management is not available in this edition. See ${site}`);

/** The forms without `statusCode`. */
export function wrongStatus(
  session: string,
  status: string | undefined,
  expected: readonly string[],
): Refusal {
  const body =
    status === undefined
      ? { error: `Session "${session}" does not exist`, session }
      : {
          error: "Session status is not as expected. Try again later or restart the session",
          session,
          status,
          expected,
        };
  return new Refusal({ status: 422, body });
}
