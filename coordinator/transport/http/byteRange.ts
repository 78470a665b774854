/**
 * The `Range` header of a request for one whole thing (RFC 9110, section 14). Pure.
 *
 * What is not one range of bytes is ignored, as the RFC lets a server do: the whole is sent.
 */
import type { ByteRange } from '../../store/blobs.ts';

/** The range, cut at the end of `bytes`; null for the whole; `unsatisfiable` where it begins beyond the end. */
export function readRange(
  header: string | undefined,
  bytes: number,
): ByteRange | 'unsatisfiable' | null {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header ?? '');
  if (found === null) return null;
  const [, first = '', last = ''] = found;
  if (first === '') return last === '' ? null : lastBytes(Number(last), bytes);
  const start = Number(first);
  const end = last === '' ? bytes : Math.min(Number(last) + 1, bytes);
  if (last !== '' && Number(last) < start) return null;
  return start >= bytes ? 'unsatisfiable' : { start, end };
}

function lastBytes(count: number, bytes: number): ByteRange | 'unsatisfiable' {
  if (count === 0 || bytes === 0) return 'unsatisfiable';
  return { start: Math.max(0, bytes - count), end: bytes };
}
