/** What people read of the controls: whole sentences, and the numbers that matter in them. */
import { expect, test } from 'vitest';
import type { RestReason } from '../volunteer/controls/decide.ts';
import { en } from './i18n/en.ts';
import { dataText, dutyText, restWording, slowedText } from './controlWording.ts';

const NOON = new Date(2026, 0, 5, 12).getTime();
const HOUR_MS = 3_600_000;

test.each<[RestReason, string]>([
  [{ kind: 'break', untilMs: NOON + HOUR_MS }, 'as you asked, until 13:00.'],
  [{ kind: 'schedule', untilMs: NOON + 10 * HOUR_MS }, 'it begins at 22:00.'],
  [{ kind: 'schedule', untilMs: NOON + 48 * HOUR_MS }, 'it begins on Wednesday'],
  [{ kind: 'schedule', untilMs: null }, 'no day is chosen'],
  [{ kind: 'hidden' }, 'you cannot see this tab'],
  [{ kind: 'in-use', device: false, untilMs: NOON + HOUR_MS }, 'it goes on at 13:00'],
  [{ kind: 'in-use', device: true, untilMs: null }, 'somebody uses the device'],
  [{ kind: 'battery', percent: 40, floorPercent: 50 }, 'the battery is at 40 %: above 50 %'],
  [{ kind: 'battery', percent: 40, floorPercent: null }, 'not charging (40 %)'],
  [{ kind: 'metered' }, 'mobile or saves data'],
  [{ kind: 'data-cap', capMb: 500, untilMs: 1 }, 'today’s 500 MB are used up'],
  [{ kind: 'pressure', state: 'critical' }, 'too much to do'],
])('%o is said', (reason, text) => {
  const { label, sentence } = restWording(reason, NOON, en);
  expect(label).toBe('Resting');
  expect(sentence).toContain(text);
  expect(sentence).toMatch(/^It rests, .*\.$/);
});

test('the measured share stands beside the wanted one, once there is one', () => {
  const duty = { kind: 'gpu', wanted: 0.25, share: 0.262, overMs: 60_000 } as const;
  expect(dutyText({ duty }, en)).toBe(
    'The graphics card worked 26 % of the time in the last minute; 25 % is wanted.',
  );
  expect(dutyText({ duty: { ...duty, overMs: 9_000 } }, en)).toContain('so far');
  expect(dutyText({ duty: { ...duty, overMs: 900 } }, en)).toBeNull();
  expect(dutyText({ duty: null }, en)).toBeNull();
});

test('less than was chosen is explained', () => {
  const run = { kind: 'run', duty: { gpu: 1, cpu: 1 }, lookAgainInMs: null } as const;
  expect(slowedText({ ...run, slowedBy: [] }, en)).toBeNull();
  expect(slowedText({ ...run, slowedBy: ['in-use', 'pressure'] }, en)).toBe(
    'Less than you chose just now, because you are here and the device has a lot to do.',
  );
});

test('data are told in megabytes', () => {
  expect([0, 1_234_567, 123_456_789].map((bytes) => dataText(bytes, en))).toEqual([
    '0.0 MB today',
    '1.2 MB today',
    '123 MB today',
  ]);
});
