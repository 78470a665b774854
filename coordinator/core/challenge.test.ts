/** Challenges and blind rows: pinned, bound to all they should be bound to, and never those of another. */
import { describe, expect, it } from 'vitest';
import type { AssignmentId, ContributorId } from '../../shared/ids.ts';
import { hmacSha256 } from '../digest.ts';
import { challengeOf, secretDraws } from './challenge.ts';
import type { Assignment, Job } from './state.ts';
import { assignmentOf, digest, jobOf, shardOf } from './testing/work.ts';

const JOB = jobOf();
const MINE = assignmentOf(shardOf(JOB), 'me');
const ROOT = digest('root');
type Of = readonly [job: Pick<Job, 'permutationKey'>, assignment: Assignment, root: string];
const OTHERS: readonly Of[] = [
  [{ ...JOB, permutationKey: digest('another secret') }, MINE, ROOT],
  [JOB, { ...MINE, id: 'asg_other' as AssignmentId }, ROOT],
  [JOB, MINE, digest('another root')],
];
const drawsOf = (...of: Of) => {
  const draw = secretDraws(...of);
  return Array.from({ length: 20 }, () => draw());
};

describe('a challenge', () => {
  it('is HMAC-SHA256 under the job’s key, over domain, assignment, contributor and root', () => {
    const text = `idlewave challenge v1\n${MINE.id}\n${MINE.contributor}\n${ROOT}`;
    const native = Buffer.from(hmacSha256(JOB.permutationKey, text)).toString('hex');
    expect(challengeOf(JOB, MINE, ROOT)).toBe(native);
    expect(challengeOf(JOB, MINE, ROOT, hmacSha256)).toBe(native);
  });

  it('is the same again, and another for another secret, assignment, contributor or root', () => {
    const contributor = 'c_other' as ContributorId;
    const others: readonly Of[] = [...OTHERS, [JOB, { ...MINE, contributor }, ROOT]];
    const all = [challengeOf(JOB, MINE, ROOT), ...others.map((it) => challengeOf(...it))];
    expect(new Set(all).size).toBe(5);
    expect(challengeOf(JOB, MINE, ROOT)).toBe(all[0]);
  });

  it('no two of 20,000 assignments share one, whatever they committed to', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      seen.add(challengeOf(JOB, { ...MINE, id: `asg_${i}` as AssignmentId }, ROOT));
    }
    expect(seen.size).toBe(20_000);
  });
});

describe('secret draws', () => {
  it('are the same after a restart, and others for another secret, assignment or root', () => {
    const mine = drawsOf(JOB, MINE, ROOT);
    expect(drawsOf(JOB, MINE, ROOT)).toEqual(mine);
    for (const other of OTHERS) expect(drawsOf(...other)).not.toEqual(mine);
  });

  it('are fractions, uniform, and do not repeat from block to block', () => {
    const draw = secretDraws(JOB, MINE, ROOT);
    const all = Array.from({ length: 8_000 }, draw);
    expect(new Set(all).size).toBe(8_000);
    for (const it of all) expect(it >= 0 && it < 1).toBe(true);
    const mean = all.reduce((sum, it) => sum + it, 0) / all.length;
    // One deviation of the mean is 0.0032.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.016);
  });

  it('are not the challenge: what a host is told says nothing of them', () => {
    const told = Buffer.from(challengeOf(JOB, MINE, ROOT), 'hex').readUInt32BE() / 2 ** 32;
    expect(drawsOf(JOB, MINE, ROOT)).not.toContain(told);
  });
});
