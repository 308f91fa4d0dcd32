/** What happens on WhatsApp, in words of neither provider. */

/** How WhatsApp addresses a person: by phone, by LID with the phone known, or by LID alone. */
export type Addressing = "phone" | "lid" | "lid_only";

export interface Person {
  readonly name: string;
  /** Digits. */
  readonly phone: string;
  /** `200000000000201@lid`. */
  readonly lid: string;
  readonly addressing: Addressing;
}

export interface Group {
  /** `120363000000000201@g.us`. */
  readonly id: string;
  readonly members: readonly Person[];
}

/** A number that is watched: its own account and the people it talks to. */
export interface Cast {
  readonly me: Person;
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
}

/** A message that later happenings refer to. */
export interface MessageRef {
  readonly id: string;
  readonly fromMe: boolean;
  /** Who wrote it; in a direct chat of ours the other person. */
  readonly person: Person;
  readonly group?: Group;
}

export type Content =
  | { readonly kind: "text"; readonly text: string }
  /** The picture itself is not part of the event. */
  | { readonly kind: "image"; readonly caption?: string };

export type Happening =
  /** `via` tells an answer of the API from one typed on the phone. */
  | {
      readonly kind: "message";
      readonly ref: MessageRef;
      readonly via: "app" | "api";
      readonly content: Content;
    }
  /** 1 server, 2 delivered, 3 read. */
  | { readonly kind: "ack"; readonly ref: MessageRef; readonly level: 1 | 2 | 3 }
  | {
      readonly kind: "reaction";
      readonly id: string;
      readonly person: Person;
      readonly target: MessageRef;
      readonly emoji: string;
    }
  | {
      readonly kind: "edit";
      readonly id: string;
      readonly target: MessageRef;
      readonly text: string;
    }
  | { readonly kind: "typing"; readonly person: Person }
  | { readonly kind: "connection"; readonly state: "connecting" | "open" }
  | { readonly kind: "qr"; readonly code: string };

export interface TimedHappening {
  /** Milliseconds since the story began; never decreasing. */
  readonly at: number;
  readonly happening: Happening;
}
