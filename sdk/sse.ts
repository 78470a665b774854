/**
 * Server-sent events (html.spec.whatwg.org, 9.2.6) out of text that arrives in any pieces.
 *
 * Holds no socket and no clock. `id` and `retry` are ignored: our events carry whole states, so a
 * reconnected stream needs no place to resume from.
 */
export interface ServerEvent {
  /** `message` where the stream names none. */
  readonly event: string;
  readonly data: string;
}

/** One event; a job view is a few KiB. */
export const MAX_EVENT_CHARS = 4 * 1024 * 1024;

export class EventParser {
  #rest = '';
  #event = '';
  #data: string[] = [];
  #chars = 0;

  /** The events that `text` completes. Null: an event grew past `MAX_EVENT_CHARS`; give the stream up. */
  feed(text: string): ServerEvent[] | null {
    const events: ServerEvent[] = [];
    this.#rest += text;
    for (;;) {
      // A carriage return at the very end may be half of CRLF: wait for what follows.
      const found = /\r\n|\n|\r(?!$)/.exec(this.#rest);
      if (found === null) break;
      const line = this.#rest.slice(0, found.index);
      this.#rest = this.#rest.slice(found.index + found[0].length);
      const complete = this.#line(line);
      if (complete !== null) events.push(complete);
    }
    return this.#rest.length + this.#chars > MAX_EVENT_CHARS ? null : events;
  }

  #line(line: string): ServerEvent | null {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') {
      this.#data.push(value);
      this.#chars += value.length;
    } else if (field === 'event') {
      this.#event = value;
    }
    return null;
  }

  #dispatch(): ServerEvent | null {
    const event = this.#event === '' ? 'message' : this.#event;
    const data = this.#data;
    this.#event = '';
    this.#data = [];
    this.#chars = 0;
    return data.length === 0 ? null : { event, data: data.join('\n') };
  }
}
