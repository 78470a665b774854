/** Every bad link message by name: its problem code, that it says what it is about, and that nothing changes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../shared/frame.ts';
import {
  MAX_CONTROL_BYTES,
  MAX_FRAME_BYTES,
  MAX_OPENINGS_PER_REPORT,
} from '../../../shared/limits.ts';
import { commitText, type CommitMessage } from '../../../shared/protocol/link.ts';
import { PROBLEM_STATUS, type ProblemCode } from '../../../shared/protocol/problem.ts';
import { tensorOf } from '../../../shared/tensor.ts';
import { outputsOf } from '../../engine/testing/engineRig.ts';
import { LinkRig, ORIGIN, makeKeyPair, type FakeHost } from '../testing/linkRig.ts';

interface Case {
  readonly name: string;
  readonly code: ProblemCode;
  /** The message; `host` is welcomed and holds one lease, `other` holds one of the same job. */
  message(host: FakeHost, other: FakeHost): unknown;
}

const ITEMS = 10;
const u32 = (count: number) => tensorOf('U32', [count], new Uint32Array(count));
const bad = (name: string, code: ProblemCode, message: Case['message']): Case => ({
  name,
  code,
  message,
});
const ROOT = '0'.repeat(64);
const REPORT = {
  type: 'report',
  challenge: ROOT,
  openings: [],
  engine: 'cpu',
  computeMs: 1,
} as const;

/** On a link that has not said hello yet. */
const BEFORE_HELLO: readonly Case[] = [
  bad('want before hello', 'hello-expected', () => ({ type: 'want', count: 1 })),
  bad('a report before hello', 'hello-expected', () =>
    encodeFrame({ ...REPORT, assignment: 'asg_1' }, {}),
  ),
  bad('a hello of another version', 'unknown-version', (host) => host.hello({ version: 99 })),
  bad('a hello signed for another origin', 'wrong-origin', (host) =>
    host.hello({}, 'host_1', 'https://evil.example'),
  ),
  bad('such a hello that says it is for this one', 'bad-signature', (host) => ({
    ...host.hello({}, 'host_1', 'https://evil.example'),
    origin: ORIGIN,
  })),
  bad('a hello signed for another nonce', 'hello-replayed', (host) =>
    host.hello({}, 'host_1', undefined, ROOT),
  ),
  bad('such a hello that says it is for this one', 'bad-signature', (host) => ({
    ...host.hello({}, 'host_1', undefined, ROOT),
    nonce: host.nonce,
  })),
  bad('a hello signed by another key', 'bad-signature', (host) =>
    host.hello({ publicKey: makeKeyPair().publicKey }),
  ),
  bad('a hello for another host than signed', 'bad-signature', (host) =>
    host.hello({ host: 'host_9' }),
  ),
  bad('a hello whose key is no key', 'invalid-field', (host) => host.hello({ publicKey: 'xyz' })),
  bad('a hello without capabilities', 'invalid-field', (host) =>
    host.hello({ capabilities: undefined }),
  ),
  bad('a hello with a field more', 'invalid-field', (host) => host.hello({ admin: true })),
  bad('a hello whose host id is a path', 'invalid-field', (host) =>
    host.hello({ host: '../../x' }),
  ),
  bad('text that is no JSON', 'malformed-json', () => 'hello'),
];

const WELCOMED: readonly Case[] = [
  bad('a second hello', 'hello-repeated', (host) => host.hello()),
  bad('no JSON', 'malformed-json', () => '{"type":'),
  bad('JSON nested too deeply', 'json-too-deep', () => '['.repeat(5_000)),
  bad('text beyond the limit', 'message-too-large', () => ' '.repeat(MAX_CONTROL_BYTES + 1)),
  bad('JSON that is no object', 'unknown-message', () => '7'),
  bad('JSON null', 'unknown-message', () => 'null'),
  bad('a type that is none', 'unknown-message', () => ({ type: 'shutdown' })),
  bad('a type of the coordinator', 'unknown-message', () => ({ type: 'settled' })),
  bad('a type of the prototype', 'unknown-message', () => '{"type":"__proto__"}'),
  bad('a want of too many', 'invalid-field', () => ({ type: 'want', count: 1_000 })),
  bad('a want with a field more', 'invalid-field', () => ({ type: 'want', count: 1, priority: 9 })),
  bad('a return of nothing', 'invalid-field', () => ({
    type: 'return',
    assignments: [],
    reason: 'paused',
  })),
  bad('a leave without a reason', 'invalid-field', () => ({ type: 'leave' })),
  bad('progress beyond the assignment', 'progress-out-of-range', (host) => ({
    type: 'progress',
    assignment: host.assignment(),
    itemsDone: ITEMS + 1,
  })),
  bad('progress of an unknown assignment', 'assignment-unknown', () => ({
    type: 'progress',
    assignment: 'asg_nobody',
    itemsDone: 1,
  })),
  bad('progress of another’s lease', 'assignment-of-another-host', (_, other) => ({
    type: 'progress',
    assignment: other.assignment(),
    itemsDone: 1,
  })),
  bad('an error of another’s lease', 'assignment-of-another-host', (_, other) => ({
    type: 'compute-error',
    assignment: other.assignment(),
    code: 'c',
    message: 'm',
  })),
  bad('an error of an unknown assignment', 'assignment-unknown', () => ({
    type: 'compute-error',
    assignment: 'asg_nobody',
    code: 'c',
    message: 'm',
  })),
  bad('a report as text', 'malformed-frame', (host) => ({
    ...REPORT,
    assignment: host.assignment(),
  })),
  bad('another message as a frame', 'malformed-frame', () =>
    encodeFrame({ type: 'want', count: 1 }, {}),
  ),
  bad('a frame of random bytes', 'malformed-frame', () => new Uint8Array(64).fill(7)),
  bad('an empty frame', 'malformed-frame', () => new Uint8Array(0)),
  bad('a frame beyond the limit', 'message-too-large', () => new Uint8Array(MAX_FRAME_BYTES + 1)),
  bad('a frame whose control text is no JSON', 'malformed-json', () =>
    encodeFrame({}, {}).fill(0x5b, 9, 10),
  ),
  bad('a frame whose tensors are cut short', 'malformed-tensors', (host) =>
    host.report().slice(0, -1),
  ),
  bad('a report on an unknown assignment', 'assignment-unknown', () =>
    encodeFrame({ ...REPORT, assignment: 'asg_nobody' }, {}),
  ),
  bad('a report on another’s lease', 'assignment-of-another-host', (_, other) => other.report()),
  bad('a report with an invalid engine', 'invalid-field', (host) =>
    host.report(0, undefined, { engine: 'abacus' }),
  ),
  bad('a commitment to an unknown assignment', 'assignment-unknown', () => ({
    type: 'commit',
    assignment: 'asg_nobody',
    root: ROOT,
    signature: ROOT + ROOT,
  })),
  bad('a commitment to another’s lease', 'assignment-of-another-host', (_, other) =>
    other.commit(),
  ),
  bad('a commitment to no root', 'invalid-field', (host) =>
    host.commit(0, undefined, { root: 'abc' }),
  ),
  bad('a commitment that another key signed', 'report-signature', (host) => {
    const commit = host.commit() as CommitMessage;
    return { ...commit, signature: makeKeyPair().sign(commitText(ORIGIN, commit)) };
  }),
  bad('a commitment that was signed for another coordinator', 'report-signature', (host) => {
    const commit = host.commit() as CommitMessage;
    return { ...commit, signature: host.keys.sign(commitText('https://evil.example', commit)) };
  }),
  bad('a second commitment, to another root', 'commit-repeated', (host) =>
    host.commit(0, undefined, { root: ROOT }),
  ),
  bad('a report without its output', 'report-output-missing', (host) => host.report(0, {})),
  bad('a report with an output more', 'report-output-unknown', (host) =>
    host.report(0, { ...outputsOf(host.assignments[0]!.message.items), extra: u32(ITEMS) }),
  ),
  bad('a report of another dtype', 'report-dtype', (host) =>
    host.report(0, { hits: tensorOf('I32', [ITEMS], new Int32Array(ITEMS)) }),
  ),
  bad('a report of too few rows', 'report-shape', (host) =>
    host.report(0, { hits: u32(ITEMS - 1) }),
  ),
  bad('a report that is not what it committed to', 'report-root-mismatch', (host) =>
    host.report(0, { hits: u32(ITEMS) }),
  ),
  bad('a report that answers another challenge', 'report-challenge', (host) =>
    host.report(0, undefined, { challenge: ROOT }),
  ),
  bad('a report that opens nothing', 'report-openings', (host) =>
    host.report(0, undefined, { openings: [] }),
  ),
  bad('a report with openings beyond the limit', 'invalid-field', (host) =>
    host.report(0, undefined, { openings: Array(MAX_OPENINGS_PER_REPORT + 1).fill([]) }),
  ),
];

let link: LinkRig;
beforeAll(async () => {
  link = await LinkRig.started();
  await link.rig.post({ items: 10_000, itemsPerShard: ITEMS, shards: 1_000 });
});
afterAll(() => link.rig.engine.stop());

function checkRefusal(host: FakeHost, code: ProblemCode): void {
  expect(host.refusals).toEqual([code]);
  const { problem } = host.last('refused');
  expect(problem).toMatchObject({
    code,
    status: PROBLEM_STATUS[code],
    type: `urn:idlewave:problem:${code}`,
  });
  expect(problem.detail).not.toBe('');
  expect(JSON.stringify(problem).length).toBeLessThan(1_000);
}

describe('before hello', () => {
  it.each(BEFORE_HELLO)('$name: $code', async ({ code, message }) => {
    const host = link.open();
    const hosts = link.rig.engine.hosts.count;
    await host.say(message(host, host));
    checkRefusal(host, code);
    expect(host.closes).toEqual([{ code: 4400, reason: code }]);
    expect(link.rig.engine.hosts.count).toBe(hosts);
  });
});

describe('on a welcomed link', () => {
  it.each(WELCOMED)('$name: $code', async ({ code, message, name }) => {
    const host = await link.welcomed(1, 'host_a');
    const other = await link.welcomed(1, 'host_b');
    await host.say({ type: 'want', count: 0 });
    await host.say(host.commit());
    await host.say(message(host, other));
    checkRefusal(host, code);
    expect(host.closes).toEqual([]);
    expect(await link.rig.stateOf(other.assignment())).toBe('leased');
    const isBadReport = code.startsWith('report-');
    expect(await link.rig.stateOf(host.assignment()), name).toBe(
      isBadReport ? 'errored' : 'leased',
    );
    for (const { connection } of [host, other]) connection.closed();
  });
});

describe('leases that are over', () => {
  const over = async (end: (host: FakeHost) => Promise<void>) => {
    const host = await link.welcomed(1, 'host_c');
    await host.say({ type: 'want', count: 0 });
    await host.say(host.commit());
    const report = host.report();
    await end(host);
    await host.say(report);
    host.connection.closed();
    return host.refusals;
  };

  it('reported already', async () => {
    expect(await over((host) => host.say(host.report()))).toEqual(['report-repeated']);
  });

  it('a report without a commitment ends its lease', async () => {
    const host = await link.welcomed(1, 'host_e');
    await host.say({ type: 'want', count: 0 });
    await host.say(host.report());
    expect(host.refusals).toEqual(['report-uncommitted']);
    expect(await link.rig.stateOf(host.assignment())).toBe('errored');
    await host.say(host.commit());
    expect(host.refusals).toEqual(['report-uncommitted', 'lease-expired']);
    host.connection.closed();
  });

  it('returned', async () => {
    const returned = (host: FakeHost) =>
      host.say({ type: 'return', assignments: [host.assignment()], reason: 'paused' });
    expect(await over(returned)).toEqual(['lease-expired']);
  });

  it('failed', async () => {
    const failed = (host: FakeHost) =>
      host.say({ type: 'compute-error', assignment: host.assignment(), code: 'c', message: 'm' });
    expect(await over(failed)).toEqual(['lease-expired']);
  });

  it('expired', async () => {
    expect(await over(() => link.rig.sweep(60_000))).toEqual(['lease-expired']);
  });

  it('sent twice in one breath: one counts, the other is told so', async () => {
    const host = await link.welcomed(1, 'host_d');
    await host.say({ type: 'want', count: 0 });
    await host.say(host.commit());
    const report = host.report();
    await Promise.all([host.connection.receive(report), host.connection.receive(report)]);
    await link.rig.quiet();
    expect(host.all('received')).toHaveLength(1);
    expect(host.refusals).toEqual(['report-repeated']);
  });
});

it('the table holds as many kinds as the protocol knows', () => {
  const codes = new Set([...BEFORE_HELLO, ...WELCOMED].map(({ code }) => code));
  expect(codes.size).toBeGreaterThanOrEqual(19);
});
