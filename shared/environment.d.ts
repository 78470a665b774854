/**
 * What every environment we run in has, for the folders that are compiled with neither DOM nor Node types.
 * Listed only in their tsconfig.json; elsewhere the environment's own types hold.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(encoding?: string, options?: { fatal?: boolean });
  decode(bytes: Uint8Array): string;
}
