/**
 * A process that commits to PGlite until it is killed, and prints the number of every commit once it resolved.
 * Argument: the data directory. For the durability test.
 */
import { writeSync } from 'node:fs';
import { openPgliteStore } from '../pgliteStore.ts';
import { commitOf } from './commitOf.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('expected the data directory as the argument');
const store = await openPgliteStore(directory);
const first = Number(process.argv[3] ?? 0);
for (let number = first; ; number += 1) {
  await store.commit(commitOf(number));
  // Straight to the file descriptor: what is printed has left this process.
  writeSync(1, `${number}\n`);
}
