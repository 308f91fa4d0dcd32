/** How an address stands in an identity's text; written so by `identityKey` of the providers. */
const opening = '{"jid":"';
const closing = '"}';

/** Most forms of one identity that are looked up. */
const maxForms = 32;

/** The parts of an identity's text around its addresses, and the addresses. */
interface SplitIdentity {
  /** One more than there are addresses. */
  readonly between: readonly string[];
  readonly addresses: readonly string[];
}

function split(key: string): SplitIdentity | undefined {
  let at = key.indexOf(opening);
  if (at < 0) return undefined;
  const between: string[] = [];
  const addresses: string[] = [];
  let from = 0;
  while (at >= 0) {
    const start = at + opening.length;
    const end = key.indexOf(closing, start);
    if (end < 0) break;
    between.push(key.slice(from, start));
    addresses.push(key.slice(start, end));
    from = end;
    at = key.indexOf(opening, end);
  }
  between.push(key.slice(from));
  return { between, addresses };
}

function joined({ between }: SplitIdentity, addresses: readonly string[]): string {
  return between.map((text, index) => text + (addresses[index] ?? "")).join("");
}

/**
 * The other texts under which the occurrence of an identity may have been stored: each address in each
 * form that is known of it. Never the key itself; empty for most. Pure.
 *
 * Where people are many (changes of a group's members) not every mixture is tried, but every single
 * change and all changes at once: a provider uses one kind of address within one event.
 *
 * @param formsOf other addresses of the same person, by address
 */
export function identityForms(
  key: string,
  formsOf: (address: string) => readonly string[],
): readonly string[] {
  const parts = split(key);
  if (parts === undefined) return none;
  const { addresses } = parts;
  let forms: (readonly string[])[] | undefined;
  for (const [index, address] of addresses.entries()) {
    const others = formsOf(address);
    if (others.length > 0) (forms ??= addresses.map((own) => [own]))[index] = [address, ...others];
  }
  if (forms === undefined) return none;
  const mixtures = forms.reduce((product, own) => product * own.length, 1);
  const chosen = mixtures <= maxForms ? everyMixture(forms) : singleAndAll(addresses, forms);
  const keys = new Set(chosen.map((mixture) => joined(parts, mixture)));
  keys.delete(key);
  return [...keys].slice(0, maxForms);
}

const none: readonly string[] = [];

function everyMixture(forms: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return forms.reduce<readonly (readonly string[])[]>(
    (mixtures, own) => mixtures.flatMap((mixture) => own.map((form) => [...mixture, form])),
    [[]],
  );
}

function singleAndAll(
  addresses: readonly string[],
  forms: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  const all = forms.map((own) => own[1] ?? own[0] ?? "");
  const single = forms.flatMap((own, index) =>
    own.slice(1).map((form) => addresses.with(index, form)),
  );
  return [all, ...single];
}
