export * from "./config.ts";
export * from "./document.ts";
export * from "./secrets.ts";
export * from "./settings.ts";
