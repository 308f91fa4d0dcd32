import type { ChatKind } from "@recado/protocol";

/** Addresses in the log are canonical: of a person without a device suffix, and `@s.whatsapp.net` for phones. */
const phoneAddress = /^([0-9]{5,20})@s\.whatsapp\.net$/;
const lidAddress = /@(?:hosted\.)?lid$/;

/** Digits of a phone's address; undefined for every other. Pure. */
export function phoneOf(address: string): string | undefined {
  return phoneAddress.exec(address)?.[1];
}

export function isLid(address: string): boolean {
  return lidAddress.test(address);
}

/** What kind of chat an address is. Pure. */
export function chatKindOf(address: string): ChatKind {
  if (address.endsWith("@g.us")) return "group";
  if (address.endsWith("@newsletter")) return "newsletter";
  if (address === "status@broadcast") return "status";
  return address.endsWith("@broadcast") ? "broadcast" : "person";
}
