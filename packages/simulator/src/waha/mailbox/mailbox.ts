import { type AddressBook, createAddressBook } from "./address-book.ts";
import { readMessageId } from "./message-id.ts";
import {
  type Data,
  isData,
  type StoredMessage,
  storeMessage,
  withAck,
  withText,
} from "./stored-message.ts";

/**
 * What the engine's store of one session holds, whether or not anybody was told of it.
 *
 * Owns: messages and what is known of people. Must not know: webhooks, HTTP.
 *
 * I1 What the list shows is the latest state: edits and ticks are worked in, as recorded ("lists show the
 *    latest edit and tick").
 * I2 A message is kept once, however often and under whichever event names it comes; the chat it came in
 *    last is its chat ("a message that is announced twice is listed once, where it came last").
 * I3 A revocation leaves the message in the lists, as recorded.
 */
export interface Mailbox {
  readonly book: AddressBook;
  /** What an event, under its names, changes. */
  take(events: readonly string[], payload: unknown): void;
  /** A message in the form of a webhook's payload or of a list. */
  keep(payload: unknown): void;
  /** In the order of arrival. */
  messages(): readonly StoredMessage[];
  /** By bare or serialised id. */
  find(chatId: string, id: string): StoredMessage | undefined;
  /** After a logout nothing is left. */
  clear(): void;
}

/** Messages kept; the oldest go first. */
const mostMessages = 50_000;

const textOf = (payload: Data, name: string): string | undefined =>
  typeof payload[name] === "string" ? payload[name] : undefined;

class MessageStore implements Mailbox {
  /** By bare id: the chat part of a serialised id flips between phone and LID. */
  readonly #byId = new Map<string, StoredMessage>();
  #book = createAddressBook();

  get book(): AddressBook {
    return this.#book;
  }

  keep(payload: unknown): void {
    const stored = storeMessage(payload);
    this.#book.learn(payload);
    if (!stored) return;
    this.#byId.set(stored.id, stored);
    if (this.#byId.size <= mostMessages) return;
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined) this.#byId.delete(oldest);
  }

  take(events: readonly string[], payload: unknown): void {
    if (!isData(payload)) return;
    for (const event of events) {
      if (event === "message" || event === "message.any") this.keep(payload);
      if (event === "message.ack" || event === "message.ack.group") this.#acknowledge(payload);
      if (event === "message.edited") {
        this.#book.learn(payload);
        const text = textOf(payload, "body");
        const edited = textOf(payload, "editedMessageId");
        if (text !== undefined) this.#change(edited, (message) => withText(message, text));
      }
    }
  }

  #acknowledge(payload: Data): void {
    const { ack } = payload;
    const id = readMessageId(textOf(payload, "id") ?? "")?.id;
    if (typeof ack === "number") this.#change(id, (message) => withAck(message, ack));
  }

  #change(id: string | undefined, change: (message: StoredMessage) => StoredMessage): void {
    const stored = id === undefined ? undefined : this.#byId.get(id);
    if (stored) this.#byId.set(stored.id, change(stored));
  }

  messages(): readonly StoredMessage[] {
    return [...this.#byId.values()];
  }

  find(chatId: string, id: string): StoredMessage | undefined {
    const found = this.#byId.get(readMessageId(id)?.id ?? id);
    return found?.chatId === chatId ? found : undefined;
  }

  clear(): void {
    this.#byId.clear();
    this.#book = createAddressBook();
  }
}

export function createMailbox(): Mailbox {
  return new MessageStore();
}
