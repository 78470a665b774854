/**
 * Adversaries that play with time: they hold work back, or report it when it is somebody else's.
 *
 * A lease is at least 15 seconds: both wait for the end of theirs at once.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '../../client.ts';
import { Arena, until } from './testing/arena.ts';
import { expectNoCredit } from './testing/caught.ts';
import { SLOTS } from './testing/engines.ts';
import { Wire, typeOf, type Message } from './testing/wire.ts';
import { ballsWork } from './testing/works.ts';

const DEADLINE_MS = 120_000;
let arena: Arena;
let job: Job;
const silence = new Wire();
const race = new Wire();
/** Reports that the racer keeps until they are late. */
const held: Message[] = [];

beforeAll(async () => {
  arena = await Arena.open();
  job = await arena.open(ballsWork({ items: 150 * 256, itemsPerShard: 256, seed: 36 }));
}, DEADLINE_MS);
afterAll(() => arena.close(), DEADLINE_MS);

it(
  '#36 slow-loris: holds leases and says nothing; others do its work, and it gets no credit',
  async () => {
    silence.change = (message) => (typeOf(message) === 'progress' ? null : message);
    const loris = await arena.join({ reports: 0 }, { connect: silence.connect });
    race.change = (message) => {
      if (typeof message !== 'string') held.push(message);
      return typeof message === 'string' && typeOf(message) !== 'progress' ? message : null;
    };
    const racer = await arena.join({}, { connect: race.connect });
    await until('both hold all that they may', () =>
      silence.assignments.length >= SLOTS && held.length >= SLOTS ? true : undefined,
    );
    await arena.finish();
    expect(silence.refusals).toEqual([]);
    await expectNoCredit(arena.client, loris.contributor);
    // From the third in a row on it rests before it is given more.
    const { expired, agreed } = await arena.client.contributor(loris.contributor);
    expect({ agreed, isOver: expired >= SLOTS }).toEqual({ agreed: 0, isOver: true });
    expect((await arena.client.contributor(racer.contributor)).expired).toBeGreaterThanOrEqual(
      SLOTS,
    );
    await arena.dismiss(loris);
  },
  DEADLINE_MS,
);

it(
  '#37 deadline racer: a report after the work was given to another is refused, and paid to nobody twice',
  async () => {
    const before = await job.refresh();
    const late = held.splice(0);
    for (const report of late) race.send(report);
    await until('each is refused', () => race.refusals.length >= late.length || undefined);
    expect(new Set(race.refusals)).toEqual(new Set(['lease-expired']));
    expect(await job.refresh()).toEqual(before);
    await arena.finish();
    for (const { id, agreed } of await arena.client.leaderboard()) {
      if (!arena.honestIds.includes(id)) expect(agreed).toBe(0);
    }
  },
  DEADLINE_MS,
);
