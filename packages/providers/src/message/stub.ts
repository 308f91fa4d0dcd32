import type { MessageContent } from "@recado/protocol";
import { absentContent } from "./content.ts";
import { numberOf } from "./read/numbers.ts";

/** WebMessageInfo's stub types for a message that could not be decrypted or fetched. */
const missingTypes: ReadonlySet<string> = new Set(["0", "2", "unknown", "ciphertext"]);

/**
 * What a message without content says by its stub type: that it could not be read, or that WhatsApp
 * itself noted something (a group was made, a call was missed).
 */
export function stubContent(stubType: unknown): MessageContent {
  const type = typeof stubType === "string" ? stubType : numberOf(stubType)?.toString();
  if (type === undefined || missingTypes.has(type.toLowerCase())) return absentContent;
  return { kind: "system", providerType: `messageStubType:${type}` };
}
