/** The codecs of Node: their WASM is read from the installed packages. Imported for what it does. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { takeCodecsFrom } from './codecs.ts';

const require = createRequire(import.meta.url);

export const readCodecFile = async (path: string): Promise<ArrayBuffer> =>
  new Uint8Array(await readFile(require.resolve(path))).buffer;

takeCodecsFrom(readCodecFile);
