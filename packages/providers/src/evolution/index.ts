import type { Provider } from "../contract.ts";
export declare const evolution: Provider;
