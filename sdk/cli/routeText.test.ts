/** Routes at a terminal, as they are read. */
import { describe, expect, it } from 'vitest';
import type { RouteView } from '../../shared/protocol/job.ts';
import { jobView } from '../testing/jobViews.ts';
import { jobLines, statusText } from './jobText.ts';
import { previewLines, routeLines } from './routeText.ts';

const route: RouteView = {
  stages: 3,
  epoch: 1,
  inFlight: 4,
  places: [
    {
      contributor: 'c_one',
      first: 0,
      last: 1,
      itemsPerSecond: 1234.5,
      next: { path: 'direct', rttMs: 12.34, bytes: 3 * 2 ** 20 },
    },
    { contributor: 'c_\u001btwo', first: 2, last: 2, itemsPerSecond: null, next: null },
  ],
  text: '3 stages on 2 volunteers, 4 shards under way.',
};

describe('a route', () => {
  it('is one line, and a row for each place', () => {
    expect(routeLines(route)).toEqual([
      'Route      3 stages on 2 volunteers, 4 shards under way.',
      '            STAGES  CONTRIBUTOR  ITEMS/S  SENDS ON  RTT MS     SENT',
      '            1-2     c_one          1,235  direct      12.3  3.0 MiB',
      '            3       c_·two             ?',
    ]);
  });

  it('is part of a job, and its line while it is computed', () => {
    const view = jobView({ route });
    expect(jobLines(view)).toEqual(expect.arrayContaining(routeLines(route)));
    expect(statusText(view)).toBe(route.text);
    const waiting = [{ code: 'no-hosts' as const, text: 'Nobody is there.', shards: 1 }];
    expect(statusText(jobView({ route, waiting }))).toBe('Nobody is there.');
  });

  it('before it is there: each stage, and who could run it', () => {
    const stage = { flopsPerItem: 2.5e6, programBytes: 2_048, sentBytes: 512, hostsNow: 3 };
    const lines = previewLines({
      stages: [stage, { ...stage, sentBytes: null, hostsNow: 0 }],
      places: null,
      itemsPerSecond: null,
      text: 'Nobody connected could run stage 2.',
    });
    expect(lines).toEqual([
      'Route         Nobody connected could run stage 2.',
      '               STAGE     SIZE  MFLOP/ITEM  SENDS ON/ITEM  DEVICES NOW',
      '                   1  2.0 KiB        2.50          512 B            3',
      '                   2  2.0 KiB        2.50                           0',
    ]);
  });
});
