/** `uploadFile.ts FILE`: uploads a file's bytes as an author's program would, and says what it has come to. For tests that kill it. */
import { readFile } from 'node:fs/promises';
import { IdlewaveClient } from '../../client.ts';

const { IDLEWAVE_URL: url = '', IDLEWAVE_KEY: key = '' } = process.env;
const bytes = await readFile(process.argv[2]!);
process.stdout.write('begun\n');
const notice = await new IdlewaveClient({ url, key }).upload(new Uint8Array(bytes));
process.stdout.write(`${JSON.stringify(notice)}\n`);
