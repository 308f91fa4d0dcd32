import type { Provider } from "../contract.ts";
export declare const waha: Provider;
