/** The stages of hosts on routes, told of their places by hand, with peers of one process between them. */
import { describe, expect, it } from 'vitest';
import type { AssignmentId, BlobDigest, JobId, KeyId, PeerId, RouteId } from '../../shared/ids.ts';
import type { AssignMessage, RoutePlace } from '../../shared/protocol/link.ts';
import { tensorOf, valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { MemoryPeers } from './memoryPeers.ts';
import type { ActivationKey, Neighbour, NeighbourHandlers, PeerPort } from './ports.ts';
import { RouteStages } from './routeStages.ts';
import { ManualClock } from './testing.ts';

const ROUTE = 'route_1' as RouteId;
const peer = (name: string): PeerId => `peer_${name}` as PeerId;
const tensors = (value: number): NamedTensors => ({
  h: tensorOf('F32', [2], Float32Array.of(value, value)),
});
const settled = async (): Promise<void> => {
  for (let i = 0; i < 6; i++) await new Promise((resolve) => setTimeout(resolve, 0));
};

function placeOf(
  name: string,
  [first, last]: readonly [number, number],
  epoch: number,
  from: string | null,
  to: string | null,
): RoutePlace {
  return {
    type: 'route',
    route: ROUTE,
    jobName: 'a job',
    epoch,
    first,
    last,
    of: 3,
    self: { peer: peer(name), token: 't' },
    iceServers: [],
    from: from === null ? null : peer(from),
    to: to === null ? null : peer(to),
  };
}

const assignOf = (stage: number, sequence: number, attempt = 0): AssignMessage => ({
  type: 'assign',
  assignment: `asg_${stage}_${sequence}_${attempt}` as AssignmentId,
  job: 'job_1' as JobId,
  jobName: 'a job',
  author: 'key_1' as KeyId,
  ratePercent: 100,
  program: { kind: 'onnx', model: 'a'.repeat(64) as BlobDigest, itemsPerRun: 1 },
  items: [0, 1],
  constants: null,
  feeds: {},
  outputs: {},
  nonFinite: 'refuse',
  flopsPerItem: 1,
  leaseMs: 15_000,
  stage: {
    route: ROUTE,
    index: stage,
    of: 3,
    sequence,
    inputs: { h: { dtype: 'F32', dims: [] } },
  },
});

/** One host's stages, and all that they asked for. */
class Side {
  readonly supplied: [AssignmentId, number][] = [];
  readonly refused: [AssignmentId, string][] = [];
  readonly stages: RouteStages;

  constructor(peers: PeerPort) {
    this.stages = new RouteStages({
      peers,
      clock: new ManualClock(),
      supply: (id, stacked) => this.supplied.push([id, Number(valuesOf(stacked['h']!)[0])]),
      refuse: (id, code) => this.refused.push([id, code]),
      send: () => true,
      onChange: () => undefined,
    });
  }

  get held(): number {
    return this.stages.views.reduce((sum, { held }) => sum + held, 0);
  }
}

/** A neighbour whose other end is the test's: what it is sent, and what it says. */
class Bench {
  readonly sent: [ActivationKey, number][] = [];
  readonly acked: ActivationKey[] = [];
  readonly released: ActivationKey[] = [];
  readonly handlers = new Map<PeerId, NeighbourHandlers>();
  readonly port: PeerPort = {
    ways: ['relay'],
    enter: () => {
      const meet = (id: PeerId, handlers: NeighbourHandlers) => {
        this.handlers.set(id, handlers);
        const neighbour: Neighbour = {
          path: 'direct',
          send: (key, sent) => this.sent.push([key, Number(valuesOf(sent['h']!)[0])]),
          ack: (key) => this.acked.push(key),
          release: (key) => this.released.push(key),
          stats: () => Promise.resolve({ rttMs: 1, bytes: 0 }),
          close: () => undefined,
        };
        return Promise.resolve({ ok: true as const, value: neighbour });
      };
      return { connect: meet, accept: meet, leave: () => undefined };
    },
  };
  readonly side = new Side(this.port);

  /** In the middle of three stages, between `a` and `c`. */
  static async middle(stages: readonly [number, number] = [1, 1]): Promise<Bench> {
    const bench = new Bench();
    bench.side.stages.place(placeOf('b', stages, 0, 'a', stages[1] === 2 ? null : 'c'));
    await settled();
    return bench;
  }

  arrives(key: ActivationKey, value: number, from = 'a'): void {
    this.handlers.get(peer(from))!.onActivation(key, tensors(value));
  }
}
const key = (stage: number, sequence: number, epoch = 0): ActivationKey => ({
  epoch,
  stage,
  sequence,
});

describe('an activation', () => {
  it('is computed from once, whether it or its assignment comes first, and however often', async () => {
    const { side, ...bench } = await Bench.middle();
    const arrives = (at: ActivationKey, value: number) =>
      bench.handlers.get(peer('a'))!.onActivation(at, tensors(value));
    arrives(key(1, 0), 7);
    side.stages.await(assignOf(1, 0));
    side.stages.await(assignOf(1, 1));
    arrives(key(1, 1), 8);
    arrives(key(1, 1), 9);
    arrives(key(1, 0), 9);
    expect(side.supplied).toEqual([
      ['asg_1_0_0', 7],
      ['asg_1_1_0', 8],
    ]);
    // Those that came again are dropped at once; the others when they have been computed from.
    expect(bench.released).toEqual([key(1, 1), key(1, 0)]);
    side.stages.computed(assignOf(1, 0), tensors(70));
    expect(bench.released.at(-1)).toEqual(key(1, 0));
  });

  it('of an older epoch, or of a stage that is not ours, changes nothing', async () => {
    const bench = await Bench.middle();
    bench.side.stages.await(assignOf(1, 0));
    bench.side.stages.place(placeOf('b', [1, 1], 3, 'a', 'c'));
    bench.arrives(key(1, 0, 2), 666);
    bench.arrives(key(2, 0, 3), 666);
    bench.arrives(key(0, 0, 3), 666);
    expect(bench.side.supplied).toEqual([]);
    expect(bench.side.held).toBe(1);
    expect(bench.released).toHaveLength(3);
    bench.arrives(key(1, 0, 3), 5);
    expect(bench.side.supplied).toEqual([['asg_1_0_0', 5]]);
  });

  it('that waits for its assignment is forgotten with its epoch', async () => {
    const bench = await Bench.middle();
    bench.arrives(key(1, 0, 0), 666);
    bench.side.stages.place(placeOf('b', [1, 1], 1, 'a', 'c'));
    bench.side.stages.await(assignOf(1, 0));
    expect(bench.side.supplied).toEqual([]);
  });

  it('of another shape is refused, and not computed from', async () => {
    const bench = await Bench.middle();
    bench.side.stages.await(assignOf(1, 0));
    const wrong = { h: tensorOf('F32', [3], new Float32Array(3)) };
    bench.handlers.get(peer('a'))!.onActivation(key(1, 0), wrong);
    expect(bench.side.supplied).toEqual([]);
    expect(bench.side.refused).toEqual([['asg_1_0_0', 'bad-activation']]);
  });

  it('beyond 16 that nobody asked for pushes out the oldest', async () => {
    const bench = await Bench.middle();
    for (let sequence = 0; sequence < 100; sequence++) bench.arrives(key(1, sequence), sequence);
    expect(bench.side.held).toBe(16);
    expect(bench.released).toHaveLength(84);
    bench.side.stages.await(assignOf(1, 99));
    bench.side.stages.await(assignOf(1, 0));
    expect(bench.side.supplied).toEqual([['asg_1_99_0', 99]]);
  });
});

describe('what was computed', () => {
  it('is sent again in every epoch until the next stage is done with it, and then no more', async () => {
    const bench = await Bench.middle();
    bench.side.stages.await(assignOf(1, 0));
    bench.arrives(key(1, 0), 1);
    bench.side.stages.computed(assignOf(1, 0), tensors(11));
    bench.side.stages.place(placeOf('b', [1, 1], 1, 'a', 'd'));
    await settled();
    expect(bench.sent).toEqual([
      [key(2, 0, 0), 11],
      [key(2, 0, 1), 11],
    ]);
    bench.handlers.get(peer('d'))!.onAck(key(2, 0, 1));
    bench.side.stages.place(placeOf('b', [1, 1], 2, 'a', 'd'));
    expect(bench.sent).toHaveLength(2);
  });

  it('is acknowledged to the stage before only when it is reported and passed on, in either order', async () => {
    for (const reportedFirst of [true, false]) {
      const bench = await Bench.middle();
      const { stages } = bench.side;
      stages.await(assignOf(1, 0));
      bench.arrives(key(1, 0), 1);
      stages.computed(assignOf(1, 0), tensors(11));
      const steps = [
        () => stages.received(assignOf(1, 0)),
        () => bench.handlers.get(peer('c'))!.onAck(key(2, 0)),
      ];
      if (!reportedFirst) steps.reverse();
      steps[0]!();
      expect(bench.acked).toEqual([]);
      expect(bench.side.held).toBe(1);
      steps[1]!();
      expect(bench.acked).toEqual([key(1, 0)]);
      expect(bench.side.held).toBe(0);
      // Who has not heard it sends again, and is told again.
      bench.arrives(key(1, 0), 1);
      expect(bench.acked).toHaveLength(2);
      expect(bench.side.supplied).toHaveLength(1);
    }
  });

  it('goes from one stage to the next on the same host, and only the last is sent', async () => {
    const bench = await Bench.middle([0, 1]);
    const { stages, supplied } = bench.side;
    stages.place(placeOf('b', [0, 1], 1, null, 'c'));
    stages.computed(assignOf(0, 0), tensors(5));
    stages.await(assignOf(1, 0));
    stages.await(assignOf(1, 1));
    stages.computed(assignOf(0, 1), tensors(6));
    expect(supplied).toEqual([
      ['asg_1_0_0', 5],
      ['asg_1_1_0', 6],
    ]);
    await settled();
    expect(bench.sent).toEqual([]);
    stages.computed(assignOf(1, 0), tensors(55));
    expect(bench.sent.map(([at, value]) => [at.stage, value])).toEqual([[2, 55]]);
    for (const stage of [0, 1]) stages.received(assignOf(stage, 0));
    bench.handlers.get(peer('c'))!.onAck(key(2, 0, 1));
    expect(bench.side.held).toBe(2);
  });

  it('is fed again to a new assignment of the same stage when it is sent again', async () => {
    const bench = await Bench.middle();
    const { stages, supplied } = bench.side;
    stages.await(assignOf(1, 0));
    bench.arrives(key(1, 0), 4);
    stages.forget(assignOf(1, 0));
    stages.await(assignOf(1, 0, 1));
    expect(supplied).toHaveLength(1);
    stages.place(placeOf('b', [1, 1], 1, 'a', 'c'));
    bench.arrives(key(1, 0, 1), 4);
    expect(supplied.at(-1)).toEqual(['asg_1_0_1', 4]);
  });
});

describe('places', () => {
  it('that the host does not have are refused, also after they ended', async () => {
    const bench = await Bench.middle();
    const { stages, refused } = bench.side;
    stages.await(assignOf(2, 0));
    stages.end(ROUTE);
    stages.await(assignOf(1, 0));
    expect(refused.map(([, code]) => code)).toEqual(['no-place', 'no-place']);
    expect(stages.views).toEqual([]);
    stages.place(placeOf('b', [1, 1], 9, 'a', 'c'));
    stages.endAll();
    expect(stages.views).toEqual([]);
    stages.end(ROUTE);
  });

  it('of an older epoch are not taken', async () => {
    const bench = await Bench.middle();
    bench.side.stages.place(placeOf('b', [1, 1], 5, 'a', 'c'));
    bench.side.stages.place(placeOf('b', [2, 2], 4, 'x', null));
    expect(bench.side.stages.views[0]!.place).toMatchObject({ epoch: 5, first: 1 });
  });
});

it('three hosts pass an item on, and nothing is kept when all have reported', async () => {
  const peers = new MemoryPeers();
  const [a, b, c] = [new Side(peers), new Side(peers), new Side(peers)];
  a.stages.place(placeOf('a', [0, 0], 0, null, 'b'));
  b.stages.place(placeOf('b', [1, 1], 0, 'a', 'c'));
  c.stages.place(placeOf('c', [2, 2], 0, 'b', null));
  for (let sequence = 0; sequence < 5; sequence++) {
    b.stages.await(assignOf(1, sequence));
    c.stages.await(assignOf(2, sequence));
    a.stages.computed(assignOf(0, sequence), tensors(sequence));
    await settled();
    b.stages.computed(assignOf(1, sequence), tensors(10 + sequence));
    await settled();
    c.stages.computed(assignOf(2, sequence), tensors(100));
  }
  expect(b.supplied.map(([, value]) => value)).toEqual([0, 1, 2, 3, 4]);
  expect(c.supplied.map(([, value]) => value)).toEqual([10, 11, 12, 13, 14]);
  for (let sequence = 0; sequence < 5; sequence++) {
    [a, b, c].forEach(({ stages }, stage) => stages.received(assignOf(stage, sequence)));
  }
  await settled();
  expect([a, b, c].map(({ held }) => held)).toEqual([0, 0, 0]);

  // A host whose machine vanishes shows as broken to its neighbours.
  peers.cut(peer('b'), 'gone');
  expect(a.stages.views[0]!.to?.path).toBe('broken');
  expect(c.stages.views[0]!.from?.path).toBe('broken');
});
