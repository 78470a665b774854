/** Which ends of an assignment are refused work, and what is said of them. */
import { describe, expect, it } from 'vitest';
import { MAX_REFUSAL_CHARS } from '../../shared/limits.ts';
import { refusedWork } from './refusals.ts';
import type { AssignmentState } from './state.ts';
import * as states from './testing/work.ts';
import { assignmentOf, digest, jobOf, shardOf } from './testing/work.ts';

const SHARD = shardOf(jobOf());
const leased = (isOpened: boolean): AssignmentState => ({
  kind: 'leased',
  deadlineMs: 9,
  itemsDone: 0,
  committed: isOpened ? { root: digest('root') } : null,
});
const judged = (verdict: 'agree' | 'unchecked' | 'disagree' | 'inconclusive'): AssignmentState => ({
  kind: 'judged',
  output: digest('o'),
  engine: 'cpu',
  engineClass: 'cpu',
  verdict,
  reason: 'because',
  microCredits: 0n,
  atMs: 5,
});
const refused = (before: AssignmentState, state: AssignmentState) =>
  refusedWork(before, SHARD, { ...assignmentOf(SHARD, 1, state), stage: 2 });

describe('refused work', () => {
  it.each<[AssignmentState, AssignmentState, string, string]>([
    [states.reported('o'), judged('disagree'), 'disagree', 'because'],
    [states.reported('o'), judged('inconclusive'), 'inconclusive', 'because'],
    [leased(false), { kind: 'expired', atMs: 5 }, 'lease-expired', 'no report came before'],
    [leased(true), { kind: 'expired', atMs: 5 }, 'opened-not-reported', 'never handed in'],
    [
      leased(true),
      { kind: 'returned', atMs: 5, reason: 'closing' },
      'opened-not-reported',
      'never handed in',
    ],
    [
      leased(true),
      { kind: 'errored', atMs: 5, code: 'report-shape', message: 'output "y" has the wrong shape' },
      'report-shape',
      'output "y" has the wrong shape',
    ],
  ])('from %o to %o', (before, after, code, reason) => {
    const { contributor, id, job } = assignmentOf(SHARD, 1, after);
    expect(refused(before, after)).toEqual({
      contributor,
      shard: SHARD.id,
      stage: 2,
      job,
      assignment: id,
      items: SHARD.items,
      code,
      reason: expect.stringContaining(reason) as string,
      atMs: 5,
    });
  });

  it.each<[AssignmentState, AssignmentState]>([
    [states.reported('o'), judged('agree')],
    [states.reported('o'), judged('unchecked')],
    [leased(false), { kind: 'returned', atMs: 5, reason: 'closing' }],
    [leased(true), { kind: 'revoked', atMs: 5 }],
    [leased(true), { kind: 'undelivered', atMs: 5, reason: 'inputs' }],
    [leased(true), states.reported('o')],
    [leased(false), leased(true)],
  ])('is nothing else: from %o to %o', (before, after) => {
    expect(refused(before, after)).toBeNull();
  });

  it('is told once, where an ended assignment is filed again', () => {
    const after = judged('disagree');
    expect(refused(after, after)).toBeNull();
  });

  it('has a reason of bounded length, whoever wrote it', () => {
    const message = 'x'.repeat(10_000);
    const after = { kind: 'errored', atMs: 5, code: 'out-of-memory', message } as const;
    expect(refused(leased(false), after)?.reason).toHaveLength(MAX_REFUSAL_CHARS);
  });
});
