/**
 * One connection to a job's events, from its opening to its end.
 *
 * Does not reconnect: it ends where the stream ends, breaks or falls silent, and the caller decides.
 */
import { unexpectedAnswer } from './error.ts';
import { bodyOf, type Http } from './http.ts';
import { EventParser, type ServerEvent } from './sse.ts';

/** A stream that brings nothing for so long may be dead without either end knowing; asking again is cheap. */
const SILENCE_MS = 60_000;

/** Events until the stream ends or breaks. Throws what `http.stream` throws, and nothing once it is open. */
export async function* eventStream(
  http: Http,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerEvent> {
  const own = new AbortController();
  const both = signal === undefined ? own.signal : AbortSignal.any([signal, own.signal]);
  let silence: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(silence);
    silence = setTimeout(() => own.abort(), SILENCE_MS);
  };
  try {
    const request = { method: 'GET', path, headers: { accept: 'text/event-stream' } } as const;
    const response = await http.stream(request, both);
    const body = bodyOf(response);
    const type = response.headers.get('content-type') ?? 'no type';
    if (body === null || !type.startsWith('text/event-stream')) {
      throw unexpectedAnswer(`the answer to GET ${path}`, 'text/event-stream', type);
    }
    const reader = body.getReader();
    const text = new TextDecoder();
    const parser = new EventParser();
    for (;;) {
      heard();
      const part = await reader.read().catch(() => null);
      signal?.throwIfAborted();
      if (part === null || part.done) return;
      const events = parser.feed(text.decode(part.value, { stream: true }));
      if (events === null) throw unexpectedAnswer('the job events', 'events of a few KiB', 'more');
      yield* events;
    }
  } finally {
    clearTimeout(silence);
    own.abort();
  }
}
