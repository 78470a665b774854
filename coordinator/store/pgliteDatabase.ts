/**
 * PGlite as the store runs it: its directory, its settings, bytes as bytes.
 */
import { PGlite, types } from '@electric-sql/pglite';
import { SyncedNodeFs } from './syncedNodeFs.ts';

/**
 * Without `-F` PostgreSQL syncs its files; `fsync` is the one method that `syncedNodeFs.ts` sees. The sizes
 * halve memory (165-204 MB): there is one connection, and the operating system caches files anyway.
 */
const START_PARAMS = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  ...[
    'wal_sync_method=fsync',
    'shared_buffers=8MB',
    'wal_buffers=1MB',
    'max_connections=5',
  ].flatMap((setting) => ['-c', setting]),
];

/**
 * Bytes as they are: PGlite would write them digit by digit (0.8 MB took 300 ms, so it takes 25), and its
 * protocol sends a view as a binary parameter. The declared type knows text only.
 */
const binaryParameter = (bytes: unknown): string => bytes as string;

function bytesOfHex(text: string): Uint8Array {
  const bytes = Buffer.from(text.slice('\\x'.length), 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The caller waits for `waitReady`, and closes it. */
export const openPglite = (directory: string, wasm?: WebAssembly.Module): PGlite =>
  new PGlite({
    ...(wasm === undefined ? {} : { pgliteWasmModule: wasm }),
    fs: new SyncedNodeFs(directory),
    startParams: START_PARAMS,
    serializers: { [types.BYTEA]: binaryParameter },
    parsers: { [types.BYTEA]: bytesOfHex },
  });
