export { corsOptions } from "./cors.ts";
export { errorBody, serverOptions, useErrorForm, type ErrorFormOptions } from "./errors.ts";
export { preferredLanguage, type Language } from "./language.ts";
export type { ApiOptions, DelivererActions, UrlCheck, UrlVerdict } from "./options.ts";
export { registerApi } from "./register-api.ts";
