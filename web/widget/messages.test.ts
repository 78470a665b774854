/** What frame and page take from each other, and what they do not. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  enveloped,
  MAX_FRAME_PX,
  MIN_FRAME_PX,
  readFrameMessage,
  readLook,
  type FrameMessage,
} from './messages.ts';

const MESSAGES: readonly FrameMessage[] = [
  { type: 'ready' },
  { type: 'resize', height: 240 },
  { type: 'started' },
  { type: 'paused', reason: 'data-cap' },
  { type: 'stopped' },
  { type: 'credit', microCredits: '12', visitMicroCredits: '120' },
];

it.each(MESSAGES)('$type arrives as it was sent, and without what is beside it', (message) => {
  expect(readFrameMessage(enveloped(message))).toEqual(message);
  expect(readFrameMessage({ ...enveloped(message), html: '<b>' })).toEqual(message);
  expect(readFrameMessage(message)).toBeNull();
  expect(readFrameMessage({ ...enveloped(message), idlewave: 2 })).toBeNull();
});

describe('a message that is none', () => {
  const wrong: readonly object[] = [
    { type: 'start' },
    { type: 'resize', height: '240' },
    { type: 'resize', height: Number.NaN },
    { type: 'resize', height: Infinity },
    { type: 'paused' },
    { type: 'paused', reason: '<img src=x>' },
    { type: 'paused', reason: 'x'.repeat(41) },
    { type: 'credit', microCredits: '1' },
    { type: 'credit', microCredits: '-1', visitMicroCredits: '1' },
    { type: 'credit', microCredits: 1, visitMicroCredits: '1' },
    { type: 'credit', microCredits: '1'.repeat(31), visitMicroCredits: '1' },
  ];
  it.each(wrong)('%j', (fields) => {
    expect(readFrameMessage({ idlewave: 1, ...fields })).toBeNull();
  });

  it('of any form changes nothing and throws nothing', () => {
    fc.assert(
      fc.property(fc.anything(), (data) => {
        expect(readFrameMessage(data)).toBeNull();
        expect(readLook(data)).toBeNull();
      }),
    );
  });
});

it('a frame gets no larger and no smaller than the limits', () => {
  const heightOf = (height: number) => readFrameMessage(enveloped({ type: 'resize', height }));
  expect(heightOf(1e9)).toEqual({ type: 'resize', height: MAX_FRAME_PX });
  expect(heightOf(-5)).toEqual({ type: 'resize', height: MIN_FRAME_PX });
});

it('the page may say how the frame looks, in words that are known', () => {
  const look = { type: 'look', theme: 'dark', size: 'badge' } as const;
  expect(readLook(enveloped(look))).toEqual(look);
  for (const wrong of [{ theme: 'blue' }, { size: 'huge' }, { type: 'start' }]) {
    expect(readLook({ ...enveloped(look), ...wrong })).toBeNull();
  }
});
