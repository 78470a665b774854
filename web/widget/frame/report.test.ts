/** What a page is told of the volunteer in its widget, in each of its states. */
import { expect, it } from 'vitest';
import { EMPTY_VIEW, type VolunteerView } from '../../state/volunteerView.ts';
import { sentenceOf, statusOf } from './report.ts';
import { words } from './words.ts';

type State = VolunteerView['state'];
const in_ = (state: State, resting: VolunteerView['resting'] = null): VolunteerView => ({
  ...EMPTY_VIEW,
  state,
  resting,
});
const PAUSED: State = { kind: 'paused', linked: true };

it.each<[string, VolunteerView, string | null, ReturnType<typeof statusOf>]>([
  ['before it began', in_({ kind: 'idle' }), null, { type: 'stopped' }],
  ['at work', in_({ kind: 'working' }), null, { type: 'started' }],
  ['without work', in_({ kind: 'waiting', text: null }), null, { type: 'started' }],
  ['paused by its person', in_(PAUSED), null, { type: 'paused', reason: 'person' }],
  ['hidden by the page', in_(PAUSED), 'hidden', { type: 'paused', reason: 'hidden' }],
  [
    'in a tab that is not seen',
    in_(PAUSED, { kind: 'hidden' }),
    null,
    { type: 'paused', reason: 'hidden' },
  ],
  [
    'while another tab computes',
    in_({ kind: 'elsewhere' }),
    null,
    { type: 'paused', reason: 'elsewhere' },
  ],
  ['stopped', in_({ kind: 'stopped', by: 'person', text: '' }), null, { type: 'stopped' }],
])('%s', (_, view, cover, status) => {
  expect(statusOf(view, cover)).toEqual(status);
  expect(sentenceOf(view, cover)).not.toBe('');
});

it('says why it stopped where nobody stopped it, and thanks who did', () => {
  const stopped = (by: 'person' | 'compute') =>
    in_({ kind: 'stopped', by, text: 'no WebAssembly' });
  expect(sentenceOf(stopped('person'), null)).toBe(words.states.stopped);
  expect(sentenceOf(stopped('compute'), null)).toContain('no WebAssembly');
});
