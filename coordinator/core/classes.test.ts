import { describe, expect, it } from 'vitest';
import type { ContributorId } from '../../shared/ids.ts';
import {
  afterFinding,
  followsClass,
  forgivable,
  forgiven,
  lifted,
  newClass,
  quarantined,
  type ClassRecord,
} from './classes.ts';
import { engineClassOf, gpuClassOf, hasDriver } from './engineClass.ts';
import { afterChecks, checksMissing, GATE_CHECKS, NEW_STREAM, probesOf } from './stream.ts';

const PROGRAM = 'v1/model';
const APPLE = 'webgpu/apple m4';

const found = (
  record: ClassRecord,
  who: string,
  isWrong: boolean,
  { clean = 64, cohort = who } = {},
): ClassRecord =>
  afterFinding(record, {
    contributor: who as ContributorId,
    cohort,
    clean: isWrong ? 0 : clean,
    isWrong,
  });

const classOf = (name: string, wrong: readonly string[], right: readonly string[] = []) => {
  let record = newClass(PROGRAM, name);
  for (const who of right) record = found(record, who, false);
  for (const who of wrong) record = found(record, who, true);
  return record;
};

describe('engine classes', () => {
  it('are the engine, and on WebGPU what the adapter says of itself, in bounds', () => {
    expect(engineClassOf('wasm', { adapter: 'Apple M4' })).toBe('wasm');
    expect(engineClassOf('webgpu', { adapter: ' Apple\u0000 M4\n' })).toBe(APPLE);
    expect(engineClassOf('webgpu', { adapter: '\uD800x'.repeat(200) }).length).toBe(80);
    const capabilities = { engines: ['wasm'] as const, adapter: 'a', memoryBytes: 0 };
    expect(gpuClassOf({ ...capabilities, engines: ['wasm'] })).toBeNull();
    expect(gpuClassOf({ ...capabilities, engines: ['wasm', 'webgpu'] })).toBe('webgpu/a');
    expect([APPLE, 'wasm', 'cpu'].map(hasDriver)).toEqual([true, false, false]);
  });
});

describe('a fault follows a class', () => {
  const fine = classOf('wasm', [], ['w1', 'w2', 'w3']);

  it('when three unrelated contributors of it are wrong, a majority, and other classes are fine', () => {
    expect(followsClass(classOf(APPLE, ['a', 'b']), [fine])).toBe(false);
    expect(followsClass(classOf(APPLE, ['a', 'b', 'c']), [fine])).toBe(true);
    expect(followsClass(classOf(APPLE, ['a', 'b', 'c'], ['d', 'e']), [fine])).toBe(true);
    expect(followsClass(classOf(APPLE, ['a', 'b', 'c'], ['d', 'e', 'f']), [fine])).toBe(false);
  });

  it('not when one operator’s keys are wrong: cohorts count, not contributors', () => {
    let record = newClass(PROGRAM, APPLE);
    for (const who of ['a', 'b', 'c', 'd']) record = found(record, who, true, { cohort: 'net4:1' });
    expect(followsClass(record, [fine])).toBe(false);
  });

  it('not when other classes are wrong too: then it is the program, or they are cheating', () => {
    const wrongToo = classOf('webgpu/other', ['x'], ['y']);
    expect(followsClass(classOf(APPLE, ['a', 'b', 'c']), [wrongToo])).toBe(false);
  });

  it('not for WASM and the CPU reference: they have no driver to blame', () => {
    expect(followsClass(classOf('wasm', ['a', 'b', 'c']), [])).toBe(false);
    expect(followsClass(classOf('cpu', ['a', 'b', 'c']), [])).toBe(false);
  });

  it('not when hardware failed now and then: clean items make up for it', () => {
    let record = newClass(PROGRAM, APPLE);
    for (const who of ['a', 'b', 'c']) {
      record = found(record, who, true);
      for (let i = 0; i < 4; i++) record = found(record, who, false);
    }
    expect(followsClass(record, [fine])).toBe(false);
    // One more for two of them is two, not three.
    expect(followsClass(found(found(record, 'a', true), 'b', true), [fine])).toBe(false);
  });

  it('once: a quarantined class is not found again', () => {
    const record = quarantined(classOf(APPLE, ['a', 'b', 'c']), 7);
    expect(record.state).toEqual({
      kind: 'quarantined',
      atMs: 7,
      wrongReports: 3,
      contributors: 3,
    });
    expect(followsClass(found(record, 'd', true), [fine])).toBe(false);
  });

  it('members are bounded, the longest unheard of are forgotten', () => {
    let record = newClass(PROGRAM, APPLE);
    for (let i = 0; i < 500; i++) record = found(record, `c${i}`, false);
    expect(record.members).toHaveLength(64);
    expect(record.members.at(-1)?.contributor).toBe('c499');
  });
});

describe('forgiving', () => {
  it('whoever was wrong in the class, but not who was wrong on another class as well', () => {
    const record = quarantined(classOf(APPLE, ['a', 'b', 'c'], ['d']), 1);
    const wasm = classOf('wasm', ['b'], ['w1', 'w2', 'w3', 'w4']);
    expect(forgivable(record, [record, wasm]).map(({ contributor }) => contributor)).toEqual([
      'a',
      'c',
    ]);
  });

  it('makes a newcomer of an ejected stream: the gate has to be passed anew', () => {
    let stream = afterChecks(NEW_STREAM, { clean: 2_000, mismatched: 0 });
    for (let i = 0; i < 2; i++) stream = afterChecks(stream, { clean: 0, mismatched: 4 });
    expect(stream.ejected).toBe(true);
    const again = forgiven(stream);
    expect(again).toMatchObject({ ejected: false, score: 0, checks: stream.checks });
    expect(checksMissing(again, 0)).toBe(GATE_CHECKS);
    expect(probesOf({ ...again, items: 512 }, 512, 0)).toBe(32);
  });

  it('lifting forgets the members', () => {
    expect(lifted(quarantined(classOf(APPLE, ['a', 'b', 'c']), 1))).toEqual(
      newClass(PROGRAM, APPLE),
    );
  });
});
