/** The words for a route: they say what the picture shows, and no way is called what it is not. */
import { describe, expect, test } from 'vitest';
import type { PeerId, RouteId } from '../../shared/ids.ts';
import type { PeerState } from '../../shared/protocol/peers.ts';
import { en } from './i18n/en.ts';
import {
  edgeNumbers,
  fromSentence,
  heldSentence,
  holdsSentence,
  stagesTitle,
  toSentence,
  type RoutePlaceView,
} from './routeWording.ts';

const state = (path: PeerState['path'], rttMs: number | null = 14.2, bytes = 2_097_152) => ({
  path,
  rttMs,
  bytes,
});

function view(
  [first, last, of]: readonly [number, number, number],
  change: Partial<RoutePlaceView> = {},
): RoutePlaceView {
  const place = {
    type: 'route' as const,
    route: 'route_1' as RouteId,
    jobName: 'digits',
    epoch: 0,
    first,
    last,
    of,
    self: { peer: 'me' as PeerId, token: 'x' },
    iceServers: [],
    from: first === 0 ? null : ('before' as PeerId),
    to: last === of - 1 ? null : ('after' as PeerId),
  };
  return { place, from: null, to: null, held: 0, ...change };
}

describe('what a tab holds', () => {
  test('counts stages as people do', () => {
    expect(stagesTitle(0, 0, en)).toBe('Stage 1');
    expect(stagesTitle(1, 3, en)).toBe('Stages 2–4');
    expect(holdsSentence(view([1, 1, 3]), en)).toBe('This tab runs stage 2 of the 3 of “digits”.');
    expect(holdsSentence(view([0, 2, 3]), en)).toBe('This tab runs all 3 stages of “digits”.');
  });

  test.each([
    [0, 'Nothing is waiting here.'],
    [1, 'One batch of activations is here.'],
    [7, '7 batches of activations are here.'],
  ])('%i held', (held, text) => {
    expect(heldSentence(view([0, 0, 2], { held }), en)).toBe(text);
  });
});

describe('neighbours', () => {
  test('the ends of a route speak to the coordinator', () => {
    expect(fromSentence(view([0, 0, 2]), en)).toBe('Its inputs come from the coordinator.');
    expect(toSentence(view([1, 1, 2]), en)).toContain('goes to the coordinator');
  });

  test('are named by the stage next to this tab’s', () => {
    const middle = view([2, 3, 6], { from: state('direct'), to: state('relayed', null) });
    expect(fromSentence(middle, en)).toBe(
      'It receives from the tab with stage 2, directly, browser to browser (14\u00a0ms there and back, 2.0\u00a0MiB so far).',
    );
    expect(toSentence(middle, en)).toContain('the tab with stage 5, through the coordinator');
    expect(toSentence(middle, en)).not.toContain('there and back');
  });

  test.each(Object.keys(en.route.paths) as PeerState['path'][])(
    '%s is said in its own words',
    (path) => {
      const text = toSentence(view([0, 0, 2], { to: state(path) }), en);
      expect(text).toContain(en.route.paths[path].how);
      const reached = path !== 'connecting' && path !== 'broken';
      expect(text.includes('so far')).toBe(reached);
    },
  );

  test('what was not measured is not shown', () => {
    expect(edgeNumbers(state('direct', null, 0), en)).toHaveLength(1);
    expect(edgeNumbers(state('direct', 0.73), en)[0]).toBe('0.7 ms');
  });
});
