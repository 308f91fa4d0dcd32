import type { MessageContent, Reply } from "@recado/protocol";
import {
  compact,
  firstMember,
  idAt,
  listOf,
  member,
  objectAt,
  objectOf,
  textOf,
  wordAt,
} from "./read/members.ts";
import { parseNativeParameters } from "./native-flow.ts";
import { paymentContent } from "./orders.ts";

/** Buttons, lists, templates and native flows: what is offered and what a person tapped on. */

type Of<K extends MessageContent["kind"]> = Extract<MessageContent, { kind: K }>;

/** WhatsApp's flows that ask for money. */
const paymentFlows: ReadonlySet<string> = new Set([
  "payment_info",
  "payment_request",
  "review_and_pay",
  "review_order",
  "order_details",
  "payment_method",
  "payment_key_info",
]);

function reply(id: string | undefined, title: string | undefined): Reply | undefined {
  return id === undefined && title === undefined ? undefined : compact<Reply>({ id, title });
}

function present<T>(values: readonly (T | undefined)[]): T[] | undefined {
  const found = values.filter((value) => value !== undefined);
  return found.length > 0 ? found : undefined;
}

/** A header, body or footer is a text or an object around one. */
function textAt(owner: unknown, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = member(owner, name);
    const found = (textOf(value) || undefined) ?? wordAt(value, "text", "title");
    if (found !== undefined) return found;
  }
  return undefined;
}

export function buttonsContent(value: unknown): MessageContent {
  const buttons = listOf(member(value, "buttons")).map((button) =>
    reply(
      idAt(button, "buttonId", "id"),
      wordAt(objectAt(button, "buttonText"), "displayText") ??
        wordAt(button, "displayText", "title"),
    ),
  );
  return compact<Of<"buttons">>({
    kind: "buttons",
    text: textAt(value, "contentText", "text", "headerText"),
    buttons: present(buttons),
  });
}

export function buttonsReplyContent(value: unknown): MessageContent {
  const title = wordAt(value, "selectedDisplayText");
  return compact<Of<"buttons">>({
    kind: "buttons",
    text: title,
    reply: reply(idAt(value, "selectedButtonId"), title),
  });
}

export function listContent(value: unknown): MessageContent {
  return compact<Of<"list">>({
    kind: "list",
    text: wordAt(value, "description", "title"),
    rows: rowsOf(member(value, "sections")),
  });
}

function rowsOf(sections: unknown): Reply[] | undefined {
  const rows = listOf(sections).flatMap((section) => listOf(member(section, "rows")));
  return present(rows.map((row) => reply(idAt(row, "rowId", "id"), wordAt(row, "title"))));
}

export function listReplyContent(value: unknown): MessageContent {
  const title = wordAt(value, "title");
  const id =
    idAt(objectAt(value, "singleSelectReply"), "selectedRowId") ?? idAt(value, "selectedRowId");
  return compact<Of<"list">>({
    kind: "list",
    text: title ?? wordAt(value, "description"),
    reply: reply(id, title),
  });
}

const templateForms = ["hydratedTemplate", "hydratedFourRowTemplate", "fourRowTemplate"] as const;
const hydratedButtons = ["quickReplyButton", "urlButton", "callButton"] as const;

export function templateContent(value: unknown): MessageContent {
  const interactive = objectAt(value, "interactiveMessageTemplate");
  if (interactive !== undefined) return { ...interactiveContent(interactive), kind: "template" };
  const form = templateForms
    .map((name) => objectAt(value, name))
    .find((found) => found !== undefined);
  const buttons = listOf(firstMember(form, "hydratedButtons", "buttons")).map((button) => {
    const inner = hydratedButtons
      .map((name) => objectAt(button, name))
      .find((found) => found !== undefined);
    return reply(idAt(inner, "id"), wordAt(inner, "displayText"));
  });
  return compact<Of<"template">>({
    kind: "template",
    text: textAt(form, "hydratedContentText", "contentText", "content", "hydratedTitleText"),
    buttons: present(buttons),
  });
}

export function templateReplyContent(value: unknown): MessageContent {
  const title = wordAt(value, "selectedDisplayText");
  return compact<Of<"template">>({
    kind: "template",
    text: title,
    reply: reply(idAt(value, "selectedId"), title),
  });
}

/** Some servers repeat a oneof's name as a level of its own (`interactiveMessage: {InteractiveMessage: …}`). */
function unfold(value: unknown, name: string): unknown {
  const inner = objectAt(value, name);
  return inner === undefined ? value : { ...objectOf(value), ...inner };
}

export function interactiveContent(raw: unknown): MessageContent {
  const value = unfold(raw, "interactiveMessage");
  const flows = listOf(member(objectAt(value, "nativeFlowMessage"), "buttons")).map((button) => ({
    name: wordAt(button, "name") ?? "",
    parameters: parseNativeParameters(member(button, "buttonParamsJson")),
  }));
  const text = textAt(value, "body", "header");
  const payment = flows.find((flow) => paymentFlows.has(flow.name));
  if (payment !== undefined) return paymentContent(payment.parameters, text);
  const rows = flows.flatMap((flow) => rowsOf(member(flow.parameters, "sections")) ?? []);
  if (rows.length > 0) return compact<Of<"list">>({ kind: "list", text, rows });
  const buttons = flows.map(({ parameters }) =>
    reply(idAt(parameters, "id"), wordAt(parameters, "display_text", "title")),
  );
  return compact<Of<"buttons">>({ kind: "buttons", text, buttons: present(buttons) });
}

export function interactiveReplyContent(raw: unknown): MessageContent {
  const value = unfold(raw, "interactiveResponseMessage");
  const flow = objectAt(value, "nativeFlowResponseMessage");
  const parameters = parseNativeParameters(member(flow, "paramsJson"));
  const body = textAt(value, "body");
  const title = wordAt(parameters, "title", "display_text") ?? body;
  return compact<Of<"buttons">>({
    kind: "buttons",
    text: body ?? title,
    reply: reply(idAt(parameters, "id", "selectedId", "selectedRowId"), title),
  });
}
