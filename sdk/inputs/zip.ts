/**
 * The part of the ZIP format that `.npz` needs (PKWARE APPNOTE 6.3): stored and deflated members.
 *
 * Not here: encryption, zip64, several volumes, streams. Every size is checked before memory is taken and
 * every member's CRC-32 before it is handed out. Writing stores members with a fixed date, so the same
 * members give the same bytes.
 */
import crc from 'crc-32';
import { inflateSync } from 'fflate';
import { MAX_BLOB_BYTES, MAX_TENSORS_PER_FILE } from '../../shared/limits.ts';
import { assert, ok, type Result } from '../../shared/result.ts';
import { fileProblem, type FileProblem } from './fileProblem.ts';

const LOCAL_SIGNATURE = 0x04034b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const END_SIGNATURE = 0x06054b50;
const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
/** In a size or offset field: the value stands in a zip64 record. */
const IN_ZIP64 = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;
/** 1980-01-01, the earliest date the format has. */
const FIXED_DATE = 0x0021;
/** Members may be named in UTF-8. */
const UTF8_FLAG = 0x0800;
const ENCRYPTED_FLAG = 0x0001;

const crc32 = (bytes: Uint8Array): number => crc.buf(bytes) >>> 0;

export interface ZipMember {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const DAMAGED = 'the archive is damaged or was cut short: write or copy it again';
const TOO_LARGE = 'split the data over several jobs, or use .safetensors';

export function readZip(bytes: Uint8Array, file: string): Result<ZipMember[], FileProblem> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end === null) {
    return fileProblem(file, 'a ZIP archive with an end record', 'none was found', DAMAGED);
  }
  const count = view.getUint16(end + 10, true);
  if (count > MAX_TENSORS_PER_FILE) {
    return fileProblem(file, `at most ${MAX_TENSORS_PER_FILE} members`, `${count}`, TOO_LARGE);
  }
  const members: ZipMember[] = [];
  let total = 0;
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL_SIGNATURE) {
      return fileProblem(file, `a directory of ${count} members`, `${i}`, DAMAGED);
    }
    const entry = readEntry(view, at, bytes);
    total += entry.size;
    if (entry.size === IN_ZIP64 || total > MAX_BLOB_BYTES) {
      return fileProblem(file, `at most ${MAX_BLOB_BYTES} bytes in all`, 'more', TOO_LARGE);
    }
    const member = readMember(view, bytes, entry, file);
    if (!member.ok) return member;
    members.push({ name: entry.name, bytes: member.value });
    at = entry.next;
  }
  return ok(members);
}

/** An archive of stored members, in the given order. Names are unique. */
export function writeZip(members: readonly ZipMember[]): Uint8Array<ArrayBuffer> {
  const names = members.map(({ name }) => new TextEncoder().encode(name));
  const bodyBytes = members.reduce(
    (sum, { bytes }, i) => sum + LOCAL_BYTES + names[i]!.byteLength + bytes.byteLength,
    0,
  );
  const directoryBytes = names.reduce((sum, name) => sum + CENTRAL_BYTES + name.byteLength, 0);
  assert(bodyBytes + directoryBytes < IN_ZIP64, 'writeZip: archives of 4 GiB need zip64');
  assert(members.length < 0xffff, 'writeZip: more members than the format counts');

  const file = new Uint8Array(bodyBytes + directoryBytes + END_BYTES);
  const view = new DataView(file.buffer);
  let at = 0;
  let directoryAt = bodyBytes;
  members.forEach(({ bytes }, i) => {
    const name = names[i]!;
    const start = at;
    const sum = crc32(bytes);
    view.setUint32(at, LOCAL_SIGNATURE, true);
    writeCommon(view, at + 4, sum, bytes.byteLength, name.byteLength);
    file.set(name, at + LOCAL_BYTES);
    file.set(bytes, at + LOCAL_BYTES + name.byteLength);
    at += LOCAL_BYTES + name.byteLength + bytes.byteLength;

    view.setUint32(directoryAt, CENTRAL_SIGNATURE, true);
    view.setUint16(directoryAt + 4, 20, true); // made by version 2.0
    writeCommon(view, directoryAt + 6, sum, bytes.byteLength, name.byteLength);
    view.setUint32(directoryAt + 42, start, true);
    file.set(name, directoryAt + CENTRAL_BYTES);
    directoryAt += CENTRAL_BYTES + name.byteLength;
  });
  view.setUint32(directoryAt, END_SIGNATURE, true);
  view.setUint16(directoryAt + 8, members.length, true);
  view.setUint16(directoryAt + 10, members.length, true);
  view.setUint32(directoryAt + 12, directoryBytes, true);
  view.setUint32(directoryAt + 16, bodyBytes, true);
  return file;
}

/** The 24 bytes that a local and a central record share, from "version needed" on. */
function writeCommon(view: DataView, at: number, sum: number, size: number, nameBytes: number) {
  view.setUint16(at, 20, true); // needs version 2.0
  view.setUint16(at + 2, UTF8_FLAG, true);
  view.setUint16(at + 4, STORED, true);
  view.setUint16(at + 8, FIXED_DATE, true);
  view.setUint32(at + 10, sum, true);
  view.setUint32(at + 14, size, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, nameBytes, true);
}

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly size: number;
  readonly localAt: number;
  /** Where the next central record begins. */
  readonly next: number;
}

function readEntry(view: DataView, at: number, bytes: Uint8Array): Entry {
  const nameBytes = view.getUint16(at + 28, true);
  const extra = view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  const nameAt = at + CENTRAL_BYTES;
  return {
    name: new TextDecoder().decode(bytes.subarray(nameAt, nameAt + nameBytes)),
    flags: view.getUint16(at + 8, true),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    compressedBytes: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    localAt: view.getUint32(at + 42, true),
    next: nameAt + nameBytes + extra,
  };
}

function readMember(
  view: DataView,
  bytes: Uint8Array,
  entry: Entry,
  file: string,
): Result<Uint8Array, FileProblem> {
  const where = `${file} (${entry.name})`;
  if (entry.flags & ENCRYPTED_FLAG) {
    return fileProblem(where, 'an open member', 'an encrypted one', 'write it without a password');
  }
  const { localAt } = entry;
  if (
    localAt + LOCAL_BYTES > bytes.byteLength ||
    view.getUint32(localAt, true) !== LOCAL_SIGNATURE
  ) {
    return fileProblem(where, `a member at byte ${localAt}`, 'other bytes', DAMAGED);
  }
  // The local record has its own name and extra lengths: NumPy adds a zip64 record there alone.
  const start =
    localAt + LOCAL_BYTES + view.getUint16(localAt + 26, true) + view.getUint16(localAt + 28, true);
  const packed = bytes.subarray(start, start + entry.compressedBytes);
  if (packed.byteLength !== entry.compressedBytes) {
    const came = `${packed.byteLength}`;
    return fileProblem(where, `${entry.compressedBytes} bytes`, came, DAMAGED);
  }
  const plain = unpack(packed, entry);
  if (plain === 'unknown-method') {
    const fix = 'write it with numpy.savez or numpy.savez_compressed';
    return fileProblem(where, 'stored or deflated data', `method ${entry.method}`, fix);
  }
  if (plain === 'damaged' || plain.byteLength !== entry.size || crc32(plain) !== entry.crc) {
    return fileProblem(where, 'data that matches its length and CRC-32', 'other bytes', DAMAGED);
  }
  return ok(plain);
}

function unpack(packed: Uint8Array, entry: Entry): Uint8Array | 'damaged' | 'unknown-method' {
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) return 'unknown-method';
  try {
    // Into memory of its own: one byte more than told shows a member that is longer than it says.
    return inflateSync(packed, { out: new Uint8Array(entry.size + 1) });
  } catch {
    return 'damaged';
  }
}

/** Position of the end record: it stands last, before a comment of unknown length. */
function findEnd(view: DataView): number | null {
  const earliest = Math.max(0, view.byteLength - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = view.byteLength - END_BYTES; at >= earliest; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  return null;
}
