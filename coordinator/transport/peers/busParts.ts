/**
 * Messages in numbered parts, where a bus carries only short ones: cutting, and putting together again.
 *
 * A part is `<sender>.<message>.<index>.<count> <text>`. Invariant: what comes out was published whole; a message
 * of which a part was lost never comes out.
 */
import { MAX_BUS_MESSAGE_BYTES, MAX_COORDINATORS } from '../../../shared/limits.ts';

/** PostgreSQL refuses payloads of 8,000 bytes and more; the head of a part has at most 60. */
const MAX_PART_BYTES = 7_900;
const MAX_PARTS = Math.ceil(MAX_BUS_MESSAGE_BYTES / (MAX_PART_BYTES - 3)) + 1;
const HEAD = /^([0-9a-f]{16})\.(\d{1,15})\.(\d{1,7})\.(\d{1,7}) /;

/** `sender`: 16 hex digits; `message`: a number that this sender never uses again. */
export function partsOf(sender: string, message: number, text: string): string[] {
  const bytes = Buffer.from(text, 'utf8');
  const cuts = [0];
  for (let at = 0; at < bytes.length;) {
    let end = Math.min(at + MAX_PART_BYTES, bytes.length);
    // Never within a character: a continuation byte begins with the bits 10.
    while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end -= 1;
    cuts.push(end);
    at = end;
  }
  if (cuts.length === 1) cuts.push(0);
  const count = cuts.length - 1;
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.toString('utf8', cuts[index], cuts[index + 1]);
    return `${sender}.${message}.${index}.${count} ${part}`;
  });
}

interface Partial {
  readonly message: string;
  readonly count: number;
  readonly texts: string[];
}

export class PartsReader {
  /** Of each sender at most one message is under way, since each sends its parts one after another. */
  readonly #partials = new Map<string, Partial>();

  /** The whole message where this part ends one, else null. */
  read(part: string): string | null {
    const head = HEAD.exec(part);
    if (head === null) return null;
    const [whole, sender, message, indexText, countText] = head as unknown as [
      string,
      string,
      string,
      string,
      string,
    ];
    const index = Number(indexText);
    const count = Number(countText);
    if (count > MAX_PARTS) return null;
    const text = part.slice(whole.length);
    if (index === 0 && count === 1) return text;
    const partial = index === 0 ? { message, count, texts: [] } : this.#partials.get(sender);
    if (partial?.message !== message || partial.texts.length !== index) {
      this.#partials.delete(sender);
      return null;
    }
    partial.texts.push(text);
    if (partial.texts.length === partial.count) {
      this.#partials.delete(sender);
      return partial.texts.join('');
    }
    this.#partials.set(sender, partial);
    this.#forgetOldest();
    return null;
  }

  #forgetOldest(): void {
    if (this.#partials.size <= MAX_COORDINATORS) return;
    const [oldest] = this.#partials.keys();
    if (oldest !== undefined) this.#partials.delete(oldest);
  }
}
