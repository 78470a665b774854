/** Ids, digests and thrown texts: forms that both ends and the store rely on. */
import { describe, expect, it } from 'vitest';
import { digestOf, isDigest } from './digest.ts';
import { ID_BYTES, makeAssignmentId, makeHostId, makeJobId, makeKeyId, shardIdOf } from './ids.ts';
import { BugError, assert, messageOf, unreachable } from './result.ts';

const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);

describe('made ids', () => {
  it('are a prefix and 128 bits of the given randomness', () => {
    expect(ID_BYTES).toBe(16);
    expect(makeJobId(counting)).toBe('job_000102030405060708090a0b0c0d0e0f');
    expect(makeAssignmentId(counting)).toBe('asg_000102030405060708090a0b0c0d0e0f');
    expect(makeHostId(counting)).toMatch(/^host_[0-9a-f]{32}$/);
    expect(makeKeyId(counting)).toMatch(/^key_[0-9a-f]{32}$/);
  });

  it('ask for randomness once each time', () => {
    let asked = 0;
    const random = (length: number) => new Uint8Array(length).fill(asked++);
    expect(makeJobId(random)).not.toBe(makeJobId(random));
    expect(asked).toBe(2);
  });

  it('a shard id follows from its job and its place', () => {
    expect(shardIdOf(makeJobId(counting), 7)).toBe('job_000102030405060708090a0b0c0d0e0f.7');
  });
});

describe('digests', () => {
  it('are SHA-256 (FIPS 180 vector)', () => {
    const bytes = new TextEncoder().encode('abc');
    expect(digestOf(bytes)).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('have one form', () => {
    const digest = digestOf(new Uint8Array(0));
    expect(isDigest(digest)).toBe(true);
    for (const wrong of [
      '',
      digest.slice(1),
      `${digest}0`,
      digest.toUpperCase(),
      `${digest}\n`,
      `../${digest.slice(3)}`,
    ]) {
      expect(isDigest(wrong), JSON.stringify(wrong)).toBe(false);
    }
  });
});

describe('bugs and thrown texts', () => {
  it('a broken invariant throws with its message', () => {
    expect(() => assert(false, 'the reason')).toThrow(new BugError('the reason'));
    expect(() => unreachable('never here')).toThrow(BugError);
    expect(() => assert(1, 'fine')).not.toThrow();
  });

  it('whatever was thrown has a bounded text', () => {
    expect(messageOf(new Error('why'))).toBe('why');
    expect(messageOf(new TypeError(''))).toBe('TypeError');
    expect(messageOf(undefined)).toBe('undefined');
    expect(messageOf('x'.repeat(20), 5)).toBe('xxxxx…');
  });
});
