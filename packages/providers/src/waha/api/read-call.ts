import type { ApiCall, ApiCaller } from "../../api/index.ts";
import { readList } from "./read-answers.ts";

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

const maxListBytes = 32 * 1024 * 1024;

/** Makes a call for a list; entries that say nothing are left out. */
export function listCall<T>(
  caller: ApiCaller,
  call: ApiCall,
  read: (value: unknown) => T | undefined,
): Promise<readonly T[]> {
  const bounded = { ...call, maxBytes: maxListBytes };
  return readCall(caller, bounded, (value) => readList(value, read), "a list");
}
