import { flagOf, settingKeys, settings, type Setting } from "./settings.ts";

function row(setting: Setting): string {
  const names = [setting.name, ...setting.aliases].map((name) => `\`${name}\``).join(", ");
  const fallback =
    setting.fallback !== undefined ? `\`${setting.fallback}\`` : (setting.fallbackText ?? "–");
  const choices = setting.choices
    ? ` One of ${setting.choices.map((choice) => `\`${choice}\``).join(", ")}.`
    : "";
  return `| ${names} | \`${flagOf(setting)}\` | ${fallback} | ${setting.help}${choices} |`;
}

/** The text of `docs/config.md`. */
export function configDocument(): string {
  return [
    "# Settings",
    "",
    "Every setting is an environment variable and a flag of `recado serve` (a flag wins). Names after the first are older names of the same variable.",
    "This page is generated from the table in `packages/gateway/src/config/settings.ts`; a test keeps both equal.",
    "",
    "| Variable | Flag | Default | |",
    "| --- | --- | --- | --- |",
    ...settingKeys.map((key) => row(settings[key])),
    "",
    "Generated keys are kept in `DATA_DIR/secrets.json` (mode 0600). Back that file up with the data: without the encryption key, stored provider keys and endpoint secrets cannot be opened again.",
    "",
  ].join("\n");
}
