/**
 * What a log says of itself: its size and root, signed (C2SP tlog-checkpoint in a signed note, with Ed25519).
 *
 * Pure: whoever signs or verifies brings the signature scheme. A note may have signatures of others too; ours counts.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import { base64 } from '@scure/base';
import { equalBytes } from '../bytes.ts';
import { MAX_CHECKPOINT_CHARS, MAX_LOG_ENTRIES } from '../limits.ts';
import { HASH_BYTES } from '../merkle.ts';
import { assert, fail, ok, type Result } from '../result.ts';

export interface Checkpoint {
  /** The log's name, which no other log has. */
  readonly origin: string;
  /** Entries in it. */
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whose signature is looked for. */
export interface NoteKey {
  readonly name: string;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

export type VerifySignature = (
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
) => boolean | Promise<boolean>;

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** An em dash and a space begin a line of a signature. */
const SIGNATURE_LINE = '\u2014 ';
/** As signed-note has it, and nothing that a terminal would act upon. */
const NAME_FORM = /^[^\s+\p{C}]{1,200}$/u;
const SIZE_FORM = /^(0|[1-9][0-9]{0,15})$/;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const typedKey = ({ publicKey }: NoteKey): Uint8Array =>
  concatBytes(Uint8Array.of(ED25519), publicKey);
const keyId = (key: NoteKey): Uint8Array =>
  sha256(concatBytes(utf8(`${key.name}\n`), typedKey(key))).subarray(0, KEY_ID_BYTES);

/** `name+keyid+base64`: how a key is handed to people, as Go's `note` package has it. */
export const formatVerifierKey = (key: NoteKey): string =>
  `${key.name}+${bytesToHex(keyId(key))}+${base64.encode(typedKey(key))}`;

export function parseVerifierKey(text: string): Result<NoteKey, string> {
  const [name = '', id, ...rest] = text.split('+');
  const bytes = decoded(rest.join('+'));
  if (!NAME_FORM.test(name) || bytes?.length !== 1 + PUBLIC_KEY_BYTES || bytes[0] !== ED25519) {
    return fail('expected name+keyid+base64 of an Ed25519 key');
  }
  const key = { name, publicKey: bytes.subarray(1) };
  const expected = bytesToHex(keyId(key));
  return id === expected ? ok(key) : fail(`expected the key id ${expected}, came ${id}`);
}

/** The text that is signed. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  assert(NAME_FORM.test(origin), `checkpointText: ${origin} is no name of a log`);
  return `${origin}\n${size}\n${base64.encode(root)}\n`;
}

/** The text with its signature, as it is published. */
export const signedNote = (text: string, key: NoteKey, signature: Uint8Array): string =>
  `${text}\n${SIGNATURE_LINE}${key.name} ${base64.encode(concatBytes(keyId(key), signature))}\n`;

/** The checkpoint of a note that the key has signed; otherwise what is wrong with it. */
export async function openCheckpoint(
  note: string,
  key: NoteKey,
  verify: VerifySignature,
): Promise<Result<Checkpoint, string>> {
  if (note.length > MAX_CHECKPOINT_CHARS) return fail(`it is longer than ${MAX_CHECKPOINT_CHARS}`);
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return fail('it is no signed note');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  const mine = lines.map((line) => signatureIn(line, key)).find((it) => it !== null);
  if (mine === undefined) return fail(`${key.name} has not signed it with the key that is known`);
  if (!(await verify(mine, utf8(text), key.publicKey))) {
    return fail(`the signature of ${key.name} is not of this text`);
  }
  return parseText(text);
}

function signatureIn(line: string, key: NoteKey): Uint8Array | null {
  const prefix = `${SIGNATURE_LINE}${key.name} `;
  if (!line.startsWith(prefix)) return null;
  const bytes = decoded(line.slice(prefix.length));
  if (bytes?.length !== KEY_ID_BYTES + SIGNATURE_BYTES) return null;
  const isMine = equalBytes(bytes.subarray(0, KEY_ID_BYTES), keyId(key));
  return isMine ? bytes.subarray(KEY_ID_BYTES) : null;
}

/** Lines after the third are extensions, which are signed and mean nothing to us. */
function parseText(text: string): Result<Checkpoint, string> {
  const [origin = '', size = '', root = ''] = text.split('\n');
  const bytes = decoded(root);
  if (!NAME_FORM.test(origin)) return fail('its first line is no name of a log');
  if (!SIZE_FORM.test(size) || Number(size) > MAX_LOG_ENTRIES) {
    return fail(`its second line is no size: ${size.slice(0, 40)}`);
  }
  if (bytes?.length !== HASH_BYTES) return fail('its third line is no root');
  return ok({ origin, size: Number(size), root: bytes });
}

function decoded(text: string): Uint8Array | null {
  try {
    return base64.decode(text);
  } catch {
    return null;
  }
}
