import type { JsonObject } from "../contract.ts";
import { findContent } from "./content.ts";
import { bytesOf } from "./read/bytes.ts";
import { idAt, listOf, member, objectAt, objectOf, textOf } from "./read/members.ts";
import { timeMs } from "./read/time.ts";

/** A vote in a poll. */
export interface PollVote {
  readonly pollMessageId?: string;
  /** The poll's key, in the voter's view. */
  readonly pollKey?: JsonObject;
  /** Names chosen; undefined when the vote is still encrypted. */
  readonly options?: readonly string[];
  readonly votedAt?: number;
}

/** The vote inside a message; undefined when it is none. */
export function pollVote(message: unknown): PollVote | undefined {
  const found = findContent(message);
  if (found?.name.toLowerCase() !== "pollupdatemessage") return undefined;
  const key = objectAt(found.value, "pollCreationMessageKey");
  const id = idAt(key, "id");
  const options = votedNames(member(objectAt(found.value, "vote"), "selectedOptions"));
  const votedAt = timeMs(member(found.value, "senderTimestampMs"));
  return {
    ...(id === undefined ? {} : { pollMessageId: id }),
    ...(key === undefined ? {} : { pollKey: key }),
    ...(options === undefined ? {} : { options }),
    ...(votedAt === undefined ? {} : { votedAt }),
  };
}

/** Names where the provider decrypted the vote; on the wire options are SHA-256 hashes of their names. */
function votedNames(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = listOf(value).map(
    (option) => textOf(option) ?? textOf(member(objectOf(option), "name")),
  );
  const isName = (name: string | undefined) =>
    name !== undefined && !(name.length === 44 && bytesOf(name)?.length === 32);
  return names.every(isName) ? (names as string[]) : undefined;
}
