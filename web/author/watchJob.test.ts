/** How fast a job goes, and how long it will take, from looks at it. */
import { expect, it } from 'vitest';
import { jobView } from '../../sdk/testing/jobViews.ts';
import { IdlewaveError } from '../../sdk/client.ts';
import { problemDetails } from '../../shared/protocol/problem.ts';
import { Pace, problemText } from './watchJob.ts';

const running = (settled: number, total = 100) =>
  jobView({ items: { total, settled, provisional: 0, failed: 0 } });

it('is told a second, over some looks, and never below nothing', () => {
  const pace = new Pace();
  for (const count of [0, 10, 20, 30]) pace.look(count);
  expect(pace.rates).toEqual([10, 10, 10]);
  // What was accepted is taken back.
  pace.look(0);
  expect(pace.rates.at(-1)).toBe(0);
});

it('says how long is left once something came, and nothing when all is there', () => {
  const pace = new Pace();
  pace.look(0);
  expect(pace.secondsLeft(running(0))).toBeNull();
  pace.look(20);
  expect(pace.secondsLeft(running(20))).toBe(4);
  expect(pace.secondsLeft(running(100))).toBeNull();
  expect(pace.secondsLeft({ ...running(20), state: 'cancelled' })).toBeNull();
});

it('a refusal is told in one line with what to do', () => {
  const problem = problemDetails({
    code: 'input-count',
    detail: 'the inputs differ',
    expected: '3 items',
    came: '4',
    fix: 'give as many of each',
  });
  expect(problemText(new IdlewaveError('refused', problem))).toBe(
    'the inputs differ; expected 3 items; came 4; give as many of each',
  );
  expect(problemText(new Error('broken'))).toBe('broken');
});
