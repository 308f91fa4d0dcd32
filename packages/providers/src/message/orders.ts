import type { MessageContent } from "@recado/protocol";
import { compact, firstMember, idAt, listOf, member, objectAt, wordAt } from "./read/members.ts";
import { countOf, numberOf } from "./read/numbers.ts";

/** Orders, products and requests for money. */

type Order = Extract<MessageContent, { kind: "order" }>;

function thousandths(value: unknown): number | undefined {
  const amount = numberOf(value);
  return amount === undefined ? undefined : amount / 1000;
}

/** `{value: 1990, offset: 100}` is 19.90. */
function offsetAmount(value: unknown): number | undefined {
  const amount = numberOf(member(value, "value"));
  const offset = numberOf(member(value, "offset")) ?? 1;
  return amount === undefined || offset <= 0 ? undefined : amount / offset;
}

export function orderContent(value: unknown): MessageContent {
  return compact<Order>({
    kind: "order",
    text: wordAt(value, "message"),
    orderId: idAt(value, "orderId"),
    items: countOf(member(value, "itemCount")),
    currency: wordAt(value, "totalCurrencyCode"),
    total: thousandths(member(value, "totalAmount1000")),
  });
}

export function productContent(value: unknown): MessageContent {
  const product = objectAt(value, "product");
  return compact<Extract<MessageContent, { kind: "product" }>>({
    kind: "product",
    text: wordAt(value, "body"),
    productId: idAt(product, "productId"),
    title: wordAt(product, "title"),
  });
}

export function paymentRequestContent(value: unknown): MessageContent {
  const amount = objectAt(value, "amount");
  const note = objectAt(value, "noteMessage");
  return compact<Order>({
    kind: "order",
    text: wordAt(objectAt(note, "extendedTextMessage"), "text") ?? wordAt(note, "conversation"),
    currency: wordAt(value, "currencyCodeIso4217") ?? wordAt(amount, "currencyCode"),
    total: thousandths(member(value, "amount1000")) ?? offsetAmount(amount),
    payment: [],
  });
}

export function invoiceContent(value: unknown): MessageContent {
  return compact<Order>({ kind: "order", text: wordAt(value, "note"), payment: [] });
}

/** A native flow that asks for money (Pix and other methods), out of its parameters. */
export function paymentContent(parameters: unknown, text: string | undefined): MessageContent {
  const order = objectAt(parameters, "order");
  const items = listOf(member(order, "items"));
  const settings = listOf(firstMember(parameters, "payment_settings", "payment_methods"));
  return compact<Order>({
    kind: "order",
    text,
    orderId: idAt(parameters, "reference_id"),
    items: items.length > 0 ? items.length : undefined,
    currency: wordAt(parameters, "currency"),
    total: offsetAmount(member(parameters, "total_amount")),
    payment: settings
      .map((setting) => wordAt(setting, "type"))
      .filter((type) => type !== undefined),
  });
}
