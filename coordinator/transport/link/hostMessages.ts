/**
 * What a host's socket brings, read into a message with its tensors, or the problem with it. Pure.
 */
import { decodeFrame } from '../../../shared/frame.ts';
import { MAX_CONTROL_BYTES } from '../../../shared/limits.ts';
import {
  LINK_VERSION,
  hostMessageSchema,
  type HostMessage,
} from '../../../shared/protocol/link.ts';
import { checkValue, readJson } from '../../../shared/protocol/parse.ts';
import type { Problem } from '../../../shared/protocol/problem.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import type { NamedTensors } from '../../../shared/tensor.ts';

interface Received {
  readonly message: HostMessage;
  readonly tensors: NamedTensors;
}

export const readHostMessage = (data: string | Uint8Array): Result<Received, Problem> =>
  typeof data === 'string' ? parseText(data) : parseFrame(data);

function parseText(text: string): Result<Received, Problem> {
  if (text.length > MAX_CONTROL_BYTES) {
    const came = String(text.length);
    const expected = `at most ${MAX_CONTROL_BYTES} characters`;
    return fail({ code: 'message-too-large', detail: 'the message is too large', expected, came });
  }
  const message = parseMessage(text);
  if (!message.ok) return message;
  if (message.value.type === 'report') {
    const detail = 'a report carries tensors: it must be a binary frame';
    return fail({ code: 'malformed-frame', detail });
  }
  return ok({ message: message.value, tensors: {} });
}

function parseFrame(bytes: Uint8Array): Result<Received, Problem> {
  const frame = decodeFrame(bytes);
  if (!frame.ok) {
    const { kind, expected, came } = frame.error;
    const code = kind === 'frame-too-large' ? 'message-too-large' : kind;
    return fail({ code, detail: 'the binary frame cannot be read', expected, came });
  }
  const message = parseMessage(frame.value.control);
  if (!message.ok) return message;
  if (message.value.type !== 'report') {
    const detail = 'only a report travels as a binary frame';
    return fail({ code: 'malformed-frame', detail, came: message.value.type });
  }
  return ok({ message: message.value, tensors: frame.value.tensors });
}

const MESSAGE_TYPES = new Set(hostMessageSchema.options.map((option) => option.shape.type.value));

function parseMessage(text: string): Result<HostMessage, Problem> {
  const json = readJson(text);
  if (!json.ok) return json;
  const type = (json.value as { type?: unknown } | null)?.type;
  if (!MESSAGE_TYPES.has(type as HostMessage['type'])) {
    const expected = [...MESSAGE_TYPES].join(', ');
    const came = String(JSON.stringify(type)).slice(0, 80);
    return fail({ code: 'unknown-message', detail: 'no such message type', expected, came });
  }
  // Before the fields are looked at: those of a later version may be others.
  const { version } = json.value as { version?: unknown };
  if (type === 'hello' && typeof version === 'number' && version !== LINK_VERSION) {
    const detail = 'this host speaks another version of the link protocol';
    const fix = 'reload the page, or update the program';
    const expected = String(LINK_VERSION);
    return fail({ code: 'unknown-version', detail, expected, came: String(version), fix });
  }
  return checkValue(json.value, hostMessageSchema);
}
