/**
 * Counts what decoding a protobuf message would create, before anything is created.
 *
 * Two bytes on the wire can become an object of hundreds: a file of 512 MB of empty nodes would take all
 * memory. This walk allocates nothing per field, follows only fields the schema knows as messages, and
 * stops at the first limit. It is not a validator: what it passes may still be refused by the decoder.
 */
import { ScalarType, type DescMessage } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { fail, ok, type Result } from '../result.ts';

export interface CensusLimits {
  readonly maxMessages: number;
  /** Repeated numbers, strings and byte strings; raw tensor data is one byte string. */
  readonly maxValues: number;
  readonly maxDepth: number;
}

export interface CensusError {
  readonly kind: 'malformed' | 'too-many-messages' | 'too-many-values' | 'too-deep';
  readonly expected: string;
  readonly came: string;
}

export interface Census {
  readonly messages: number;
  readonly values: number;
  readonly depth: number;
}

type MessageFields = ReadonlyMap<number, FieldForm>;
type FieldForm =
  | { readonly kind: 'message'; readonly message: DescMessage }
  /** Packed numbers; a varint takes one byte or more. */
  | { readonly kind: 'packed'; readonly minBytesEach: number };

class LimitReached extends Error {
  readonly error: CensusError;
  constructor(error: CensusError) {
    super(error.kind);
    this.error = error;
  }
}

export function takeCensus(
  schema: DescMessage,
  bytes: Uint8Array,
  limits: CensusLimits,
): Result<Census, CensusError> {
  const forms = new Map<DescMessage, MessageFields>();
  const reader = new BinaryReader(bytes);
  let messages = 0;
  let values = 0;
  let deepest = 0;

  const addValues = (count: number): void => {
    values += count;
    if (values > limits.maxValues) {
      throw new LimitReached({
        kind: 'too-many-values',
        expected: `at most ${limits.maxValues} separate values (raw tensor data counts as one)`,
        came: `more than ${limits.maxValues}`,
      });
    }
  };
  const enter = (message: DescMessage, end: number, depth: number): void => {
    messages += 1;
    deepest = Math.max(deepest, depth);
    if (messages > limits.maxMessages) {
      const expected = `at most ${limits.maxMessages} messages`;
      throw new LimitReached({ kind: 'too-many-messages', expected, came: `more` });
    }
    if (depth > limits.maxDepth) {
      const expected = `at most ${limits.maxDepth} levels of nesting`;
      throw new LimitReached({ kind: 'too-deep', expected, came: 'more' });
    }
    const fields = forms.get(message) ?? fieldForms(message);
    forms.set(message, fields);
    while (reader.pos < end) {
      const [number, wireType] = reader.tag();
      const form = fields.get(number);
      if (wireType !== WireType.LengthDelimited) {
        addValues(1);
        reader.skip(wireType, number, limits.maxDepth);
      } else if (form?.kind === 'message') {
        const length = reader.uint32();
        const inner = reader.pos + length;
        // The decoder never reads past a nested message; a length beyond its parent is a forgery.
        if (inner > end) throw new RangeError('a nested message longer than its parent');
        enter(form.message, inner, depth + 1);
      } else if (form?.kind === 'packed') {
        const length = reader.uint32();
        reader.pos += length;
        addValues(Math.ceil(length / form.minBytesEach));
      } else {
        addValues(1);
        reader.skip(wireType);
      }
    }
    if (reader.pos !== end) throw new RangeError('a field longer than its message');
  };

  try {
    enter(schema, bytes.byteLength, 1);
  } catch (thrown) {
    if (thrown instanceof LimitReached) return fail(thrown.error);
    return fail({
      kind: 'malformed',
      expected: `the wire form of ${schema.typeName}`,
      came: thrown instanceof Error ? thrown.message : String(thrown),
    });
  }
  return ok({ messages, values, depth: deepest });
}

/** The fields that decode to more than one thing; all others are one value each time they occur. */
function fieldForms(message: DescMessage): MessageFields {
  const forms = new Map<number, FieldForm>();
  for (const field of message.fields) {
    if (field.fieldKind === 'message') {
      forms.set(field.number, { kind: 'message', message: field.message });
    } else if (field.fieldKind === 'list') {
      if (field.listKind === 'message') {
        forms.set(field.number, { kind: 'message', message: field.message });
      } else if (field.listKind === 'scalar' && !BYTE_STRINGS.has(field.scalar)) {
        forms.set(field.number, { kind: 'packed', minBytesEach: FIXED_BYTES[field.scalar] ?? 1 });
      }
    }
  }
  return forms;
}

/** Scalars that are never packed. */
const BYTE_STRINGS: ReadonlySet<ScalarType> = new Set([ScalarType.STRING, ScalarType.BYTES]);
/** Scalars of fixed width; the others are varints. */
const FIXED_BYTES: Partial<Record<ScalarType, number>> = {
  [ScalarType.DOUBLE]: 8,
  [ScalarType.FLOAT]: 4,
  [ScalarType.FIXED64]: 8,
  [ScalarType.FIXED32]: 4,
  [ScalarType.SFIXED32]: 4,
  [ScalarType.SFIXED64]: 8,
};
