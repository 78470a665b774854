/** The demo's last lines, and what it says of its checking before. */
import { describe, expect, it } from 'vitest';
import { doneView, jobView } from '../testing/jobViews.ts';
import { checkingText, keptText, overheadText, summary } from './demoText.ts';

const SAMPLED = { kind: 'sampled', secondOpinion: 'contributors' } as const;

describe('the demo', () => {
  it('ends, for scripts, with these seven fields', () => {
    expect(summary(doneView(), 0, 12.34)).toEqual({
      jobId: 'job_1',
      items: 4,
      settled: 4,
      wrong: 0,
      credits: 0,
      seconds: 12.3,
      checkOverhead: 1,
    });
  });

  it('ends, for people, with what checking has cost', () => {
    const executions = { byHosts: 16_725, byReferee: 1_366, disagreed: 0 };
    const items = { total: 16_384, settled: 16_384, provisional: 0, failed: 0 };
    expect(overheadText(jobView({ executions, items, checkOverhead: 0.1042 }))).toBe(
      'Checking cost 10 % on top of the computing: volunteers computed 341 images more, and the ' +
        'coordinator’s referee computed 1,366.',
    );
    expect(overheadText(jobView())).toBe('Nothing was verified.');
  });

  it('leads whoever keeps it to every contributor’s credits', () => {
    const lines = keptText('http://127.0.0.1:7433', [{ id: 'c_1' }, { id: 'c_2' }]);
    for (const id of ['c_1', 'c_2'])
      expect(lines).toContain(`  http://127.0.0.1:7433/#credits/${id}`);
    expect(lines.join(' ')).toContain('“My credits”');
  });

  it('says why it is checked so, and where every item is computed twice, what more items would cost', () => {
    expect(checkingText(jobView({ verification: SAMPLED }))).toBe('sampled. It is the cheapest.');
    expect(checkingText(jobView())).toMatch(/^quorum=2\. .* npm run demo -- --items 16384$/);
  });
});
