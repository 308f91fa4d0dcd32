import type { ApiCall, ApiCaller } from "../../api/index.ts";
import { type readList, readListOrMap } from "./read-answers.ts";

/** Makes a call whose answer must say something; `unexpected_answer` naming `what` when it does not. */
export async function readCall<T>(
  caller: ApiCaller,
  call: ApiCall,
  read: (value: unknown) => T | undefined,
  what: string,
): Promise<T> {
  const answer = await caller.json(call);
  const result = read(answer.value);
  if (result !== undefined) return result;
  throw caller.failure(call, "unexpected_answer", `the answer is not ${what}`, answer);
}

/** The same where an empty answer, or null, means that there is none. */
export async function readCallOrNothing<T>(
  caller: ApiCaller,
  call: ApiCall,
  read: (value: unknown) => T | undefined,
  what: string,
): Promise<T | undefined> {
  const answer = await caller.json(call);
  if (answer.value === undefined || answer.value === null) return undefined;
  const result = read(answer.value);
  if (result !== undefined) return result;
  throw caller.failure(call, "unexpected_answer", `the answer is not ${what}`, answer);
}

const maxListBytes = 32 * 1024 * 1024;

/** Makes a call for a list; entries that say nothing are left out. `readAll` says which forms are lists. */
export function listCall<T>(
  caller: ApiCaller,
  call: ApiCall,
  read: (value: unknown) => T | undefined,
  readAll: typeof readList = readListOrMap,
): Promise<readonly T[]> {
  const bounded = { ...call, maxBytes: maxListBytes };
  return readCall(caller, bounded, (value) => readAll(value, read), "such a list");
}
