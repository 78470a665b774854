/**
 * The event parser: every cut of a stream gives the same events.
 */
import { describe, expect, it } from 'vitest';
import { EventParser, MAX_EVENT_CHARS } from './sse.ts';

const STREAM =
  ': hello\n\nevent: job\ndata: {"a":1}\n\ndata: first\r\ndata:second\r\n\r\nid: 7\rretry: 5\rdata\r\r' +
  'event: lonely\n\nevent: job\ndata: last\n\n';
const EVENTS = [
  { event: 'job', data: '{"a":1}' },
  { event: 'message', data: 'first\nsecond' },
  { event: 'message', data: '' },
  { event: 'job', data: 'last' },
];

describe('EventParser', () => {
  it('reads fields, comments and all three line ends', () => {
    expect(new EventParser().feed(STREAM)).toEqual(EVENTS);
  });

  it('gives the same events wherever the text is cut', () => {
    for (let cut = 0; cut <= STREAM.length; cut++) {
      const parser = new EventParser();
      const parts = [STREAM.slice(0, cut), STREAM.slice(cut)];
      const events = parts.flatMap((part) => parser.feed(part) ?? []);
      expect(events, `cut at ${cut}`).toEqual(EVENTS);
    }
  });

  it('does not hand out an event that was not completed', () => {
    expect(new EventParser().feed('event: job\ndata: {"a":')).toEqual([]);
  });

  it('gives up on an event without end, in one line or in many', () => {
    const parser = new EventParser();
    expect(parser.feed(`data: ${'x'.repeat(MAX_EVENT_CHARS - 6)}`)).toEqual([]);
    expect(parser.feed('x')).toBe(null);
    const lines = new EventParser();
    expect(lines.feed(`data: ${'x'.repeat(MAX_EVENT_CHARS)}\n`)).toEqual([]);
    expect(lines.feed('data: y\n')).toBe(null);
  });
});
