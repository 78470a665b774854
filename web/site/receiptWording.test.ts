import { expect, it } from 'vitest';
import type { Receipt, ShardView } from '../../shared/protocol/receipts.ts';
import type { LogAlarm } from '../state/receipts/logAlarm.ts';
import type { ProvenLog } from '../state/receipts/logWatch.ts';
import type { LogStatus, Proof } from '../state/receipts/receiptsDesk.ts';
import { en } from './i18n/en.ts';
import { enInner } from './i18n/enInner.ts';
import {
  amountText,
  checkersText,
  proofText,
  statusText,
  titleOf,
  workText,
} from './receiptWording.ts';
import { sentenceOf } from './told.ts';

const work = {
  job: 'job_1',
  shard: 'job_1.0',
  assignment: 'asg_1',
  items: 48,
  atMs: 1,
  reason: 'x',
};
const credit = (more: object = {}): Receipt => ({
  kind: 'credited',
  ...work,
  microCredits: '2400',
  ...more,
});
const refusal = (code: string): Receipt => ({ kind: 'refused', ...work, code });
const shard = (more: Partial<ShardView> = {}): ShardView => ({
  id: 'job_1.0',
  job: 'job_1',
  jobName: 'digits',
  items: 48,
  state: 'settled',
  checked: [],
  reports: [],
  ...more,
});

it('says what became of a piece of work', () => {
  expect([titleOf(credit(), enInner), amountText(credit(), enInner, en.figures)]).toEqual([
    '48 items accepted',
    '+0.0024 credits',
  ]);
  expect(titleOf(credit({ items: 1 }), enInner)).toBe('1 item accepted');
  expect(amountText(refusal('disagree'), enInner, en.figures)).toBe('no credit');
});

it.each([
  ['disagree', '48 items refused: the result was found wrong'],
  ['inconclusive', '48 items not counted, neither for nor against this volunteer'],
  ['lease-expired', '48 items not reported in time'],
  ['opened-not-reported', '48 items never handed in'],
  ['report-shape', '48 items refused: the report was malformed'],
  ['out-of-memory', '48 items not computed: the engine failed'],
])('says of refused work: %s', (code, title) => {
  expect(titleOf(refusal(code), enInner)).toBe(title);
});

it('says what was computed, as far as it is known', () => {
  expect(workText(credit(), null, enInner)).toBe('48 items.');
  expect(workText(credit({ stage: 1 }), shard(), enInner)).toBe(
    '48 items of “digits”, stage 2 of its model.',
  );
  expect(workText(credit({ probes: 6 }), shard(), enInner)).toBe(
    '48 items of “digits”, and 6 more to check others.',
  );
});

it('says who decided', () => {
  const report = {
    contributor: 'c_1',
    assignment: 'a',
    verdict: 'agree',
    reason: '',
    microCredits: '1',
  };
  expect(checkersText(shard({ by: 'quorum', reports: [report] }), enInner)).toContain('no check');
  expect(checkersText(shard({ by: 'quorum', reports: [report, report] }), enInner)).toMatch(
    /^2 volunteers/,
  );
  expect(checkersText(shard({ by: 'referee', reports: [report] }), enInner)).toContain(
    'referee decided',
  );
  expect(checkersText(shard({ by: 'check', reports: [report] }), enInner)).toMatch(
    /^1 volunteer .* check/,
  );
  expect(checkersText(shard(), enInner)).toBe('');
});

it('makes sentences, and leaves those that are', () => {
  expect([sentenceOf('agreed with the quorum'), sentenceOf('It is!')]).toEqual([
    'Agreed with the quorum.',
    'It is!',
  ]);
});

const log: ProvenLog = {
  checkpoint: { origin: 'idlewave-1', size: 1234, root: new Uint8Array(32) },
  signer: 'idlewave-1',
  before: 1200,
  seenAtMs: 1,
};
const alarm: LogAlarm = { kind: 'fork', text: 'x', atMs: 1, evidence: {} };

it('says what is proven, and what is not', () => {
  const fact = { type: 'shard' } as never;
  const proven: Proof = { ok: true, value: { index: 7, fact, text: '{}', log } };
  expect(proofText(proven, enInner)).toBe(
    'Proven: entry 7 of 1,234, checkpoint signed by idlewave-1.',
  );
  const texts = (['unnumbered', 'pending', 'behind', 'unreachable', 'withheld'] as const).map(
    (kind) => proofText({ ok: false, error: { kind, text: '' } }, enInner),
  );
  expect(new Set(texts).size).toBe(5);
  expect(proofText({ ok: false, error: { kind: 'unreachable', text: '' } }, enInner)).toContain(
    'nothing against it',
  );
  expect(proofText({ ok: false, error: { kind: 'alarm', alarm } }, enInner)).toBe(
    'Not proven: the public log has two histories.',
  );
});

it('says how the log stands', () => {
  const proven: LogStatus = { kind: 'proven', log, credits: 8 };
  expect(statusText(proven, true, enInner)).toBe(
    '1,234 entries, signed by idlewave-1. Goes on from the 1,200 that this browser saw before. ' +
      '8 of your credits were found in it, as told.',
  );
  const first = { ...proven, log: { ...log, before: null }, credits: 0 };
  expect(statusText(first, false, enInner)).toMatch(
    /First seen by this browser now\. This browser keeps/,
  );
  const empty = { ...proven, log: { ...log, before: 0 } };
  expect(statusText(empty, true, enInner)).toContain(
    'First seen by this browser now. 8 of your credits',
  );
  expect(statusText({ kind: 'unreachable', text: '' }, true, enInner)).toContain(
    'nothing against it',
  );
});
