/** The public log as a page reaches it. A failure to reach it is no statement about it. */
import {
  LOG_FILE_DEADLINE_MS,
  MAX_BUNDLE_BYTES,
  MAX_CHECKPOINT_CHARS,
} from '../../../shared/limits.ts';
import { LOG_PATH, logViewSchema, type LogView } from '../../../shared/protocol/publicLog.ts';
import { fail, messageOf, ok, type Result } from '../../../shared/result.ts';

/** `missing`: the coordinator answers that it has no such file; `unreachable`: no answer, or none of its own. */
export interface Unserved {
  readonly kind: 'missing' | 'unreachable';
  readonly text: string;
}

export interface LogPort {
  /** Where the log is, and whose signature is on it. */
  view(): Promise<Result<LogView, Unserved>>;
  /** A file below the log's path; `anew`: past every cache. */
  file(path: string, anew: boolean): Promise<Result<Uint8Array, Unserved>>;
}

export function httpLogPort(origin: string, http: typeof fetch): LogPort {
  const get = async (
    path: string,
    anew: boolean,
    mostBytes: number,
  ): Promise<Result<Uint8Array, Unserved>> => {
    try {
      const response = await http(`${origin}${path}`, {
        signal: AbortSignal.timeout(LOG_FILE_DEADLINE_MS),
        ...(anew ? { cache: 'reload' as const } : {}),
      });
      if (response.status === 404) return missing(path, 'it has none');
      if (!response.ok) return unreachable(path, `it answers with status ${response.status}`);
      return await bounded(response, path, mostBytes);
    } catch (thrown) {
      return unreachable(path, messageOf(thrown, 200));
    }
  };
  return {
    async view() {
      const bytes = await get('/v1/log', true, MAX_CHECKPOINT_CHARS);
      if (!bytes.ok) return bytes;
      try {
        const view = logViewSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes.value)));
        if (view.success) return ok(view.data);
      } catch {
        // Not even JSON: the same.
      }
      return unreachable('/v1/log', 'the answer is not a coordinator’s');
    },
    file: (path, anew) =>
      get(`${LOG_PATH}/${path}`, anew || path === 'checkpoint', MAX_BUNDLE_BYTES),
  };
}

async function bounded(
  response: Response,
  path: string,
  mostBytes: number,
): Promise<Result<Uint8Array, Unserved>> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > mostBytes) {
      await reader.cancel();
      return unreachable(path, `expected at most ${mostBytes} bytes`);
    }
    parts.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return ok(bytes);
}

const missing = (path: string, why: string): Result<never, Unserved> =>
  fail({ kind: 'missing', text: `${path}: ${why}` });
const unreachable = (path: string, why: string): Result<never, Unserved> =>
  fail({ kind: 'unreachable', text: `${path}: ${why}` });
