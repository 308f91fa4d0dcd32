import { maskedSecret } from "@recado/protocol";

/** Names whose value is a credential more often than not. Too many masked is better than one shown. */
const secretName =
  /auth|token|key|secret|passw|pwd|cookie|credential|signature|session|bearer|jwt|hmac/i;

/** Values that are credentials whatever the header is called. */
const secretValue =
  /^(?:bearer|basic|digest|token)\s|^eyJ[\w-]+\.[\w-]+\.|^(?:sk|pk|rk|rka|whsec|ghp|xox[abp])[_-]|:\/\/[^/\s]*@/i;

/** A long run of characters without a word in it: a key, most likely. */
const opaqueValue = /^(?=.*\d)[A-Za-z0-9+/_=-]{24,}$/;

function looksSecret(name: string, value: string): boolean {
  return secretName.test(name) || secretValue.test(value) || opaqueValue.test(value);
}

/** Headers for showing: values that look like secrets are masked. Pure. */
export function maskHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      looksSecret(name, value) ? maskedSecret : value,
    ]),
  );
}

/**
 * Headers that a caller sent, with a mask that was sent back replaced by the value it stands for: who
 * changes one header of an endpoint as it was shown must not overwrite the others with asterisks. Pure.
 */
export function unmaskHeaders(
  sent: Readonly<Record<string, string>>,
  stored: Readonly<Record<string, string>>,
): Record<string, string> {
  const byName = new Map(
    Object.entries(stored).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [
      name,
      (value === maskedSecret ? byName.get(name.toLowerCase()) : undefined) ?? value,
    ]),
  );
}
