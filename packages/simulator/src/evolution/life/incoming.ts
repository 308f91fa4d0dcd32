import type { Random } from "../../random.ts";
import type { Addressing, Happening, Person } from "../../traffic/happening.ts";

/** A message to a number, in the few words that most scenarios need. */
export interface EvolutionIncoming {
  /** Digits of whoever writes. */
  readonly phone: string;
  /** Default: Maria Teste. */
  readonly name?: string;
  /** How WhatsApp addresses the sender. Default: by phone. */
  readonly addressing?: Addressing;
  /** `200000000000201@lid`. Default: made of the phone. */
  readonly lid?: string;
  /** `120363000000000201@g.us`: the message goes to this group. */
  readonly group?: string;
  /** WhatsApp's id of the message. Default: made up. */
  readonly id?: string;
  /** Default: oi. */
  readonly text?: string;
  /** Instead of a text. */
  readonly image?: { readonly caption?: string };
}

/** What happens on WhatsApp when that message comes. */
export function incoming(message: EvolutionIncoming, random: Random): Happening {
  const { phone, name = "Maria Teste", addressing = "phone", text = "oi", group } = message;
  const lid = message.lid ?? `2${phone}@lid`;
  const person: Person = { name, phone, lid, addressing };
  const id = message.id ?? `AC${random.text("0123456789ABCDEF", 30)}`;
  const ref = { id, fromMe: false, person };
  return {
    kind: "message",
    ref: group === undefined ? ref : { ...ref, group: { id: group, members: [person] } },
    via: "app",
    content: message.image ? { kind: "image", ...message.image } : { kind: "text", text },
  };
}
