import * as ed25519 from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { beforeEach, describe, expect, it } from 'vitest';
import { LOG_MERGE_DELAY_MS } from '../../../shared/limits.ts';
import { encodeFact, type LogFact } from '../../../shared/protocol/publicLog.ts';
import { fail, ok } from '../../../shared/result.ts';
import { logRoot, serving } from '../../../shared/testing/memoryLog.ts';
import {
  checkpointText,
  formatVerifierKey,
  signedNote,
  type NoteKey,
} from '../../../shared/tlog/checkpoint.ts';
import { encodeBundle } from '../../../shared/tlog/tiles.ts';
import { claimOfCredit } from './claims.ts';
import type { LogMemory, RememberedLog } from './logAlarm.ts';
import type { LogPort, Unserved } from './logPort.ts';
import { LogWatch } from './logWatch.ts';
import { verifySignature } from './verifySignature.ts';

ed25519.hashes.sha512 = sha512;

const credit = (number: number, microCredits = String(number + 1)) => ({
  kind: 'credited' as const,
  shard: `job_1.${number}`,
  job: 'job_1',
  assignment: `asg_${number}`,
  items: 8,
  microCredits,
  reason: 'agreed with the quorum',
  atMs: 1_700_000_000_000 + number,
  logIndex: number,
});
const factOf = (number: number, microCredits?: string): LogFact => {
  const { kind: _, reason: __, logIndex: ___, ...told } = credit(number, microCredits);
  const amount = BigInt(told.microCredits);
  return { type: 'credit', contributor: 'c_me', ...told, microCredits: amount };
};
const entriesOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => encodeFact(factOf(i)));
const claim = (number: number) => claimOfCredit('c_me', credit(number));

type Change = (path: string, bytes: Uint8Array) => Uint8Array | null;

const secret = new Uint8Array(32).fill(7);
const key: NoteKey = { name: 'log.example', publicKey: ed25519.getPublicKey(secret) };

/** A coordinator whose log the test sets, and what stands between it and the page. */
class Served implements LogPort {
  entries: Uint8Array[];
  verifierKey = formatVerifierKey(key);
  change: Change = (_, bytes) => bytes;
  isDown = false;
  /** Of every file that was asked for. */
  readonly asked: { readonly path: string; readonly anew: boolean }[] = [];

  constructor(size: number) {
    this.entries = entriesOf(size);
  }

  note(): string {
    const { length: size } = this.entries;
    const text = checkpointText({ origin: key.name, size, root: logRoot(this.entries) });
    return signedNote(text, key, ed25519.sign(new TextEncoder().encode(text), secret));
  }

  async view() {
    if (this.isDown) return DOWN;
    return ok({ origin: key.name, verifierKey: this.verifierKey, path: '/log' });
  }

  async file(path: string, anew: boolean) {
    this.asked.push({ path, anew });
    if (this.isDown) return DOWN;
    if (path === 'checkpoint') {
      const bytes = this.change(path, new TextEncoder().encode(this.note()));
      return bytes === null ? missing(path) : ok(bytes);
    }
    const tile = await serving(this.entries, this.change)(path);
    return tile.ok ? tile : missing(tile.error);
  }
}

const DOWN = fail<Unserved>({ kind: 'unreachable', text: 'connection refused' });
const missing = (text: string) => fail<Unserved>({ kind: 'missing', text });

class Kept implements LogMemory {
  remembered: RememberedLog | null = null;
  async read() {
    return this.remembered;
  }
  async write(remembered: RememberedLog | null) {
    if (remembered === null || this.remembered?.alarm == null) this.remembered = remembered;
  }
}

let log: Served;
let memory: Kept;
let nowMs: number;
const newWatch = () =>
  new LogWatch({ port: log, memory, verify: verifySignature, wallMs: () => nowMs });
let watch: LogWatch;
beforeEach(() => {
  log = new Served(300);
  memory = new Kept();
  nowMs = 1_800_000_000_000;
  watch = newWatch();
});

const bent: Change = (_, bytes) => {
  const copy = new Uint8Array(bytes);
  copy[5]! ^= 1;
  return copy;
};
const alarmed = (kind: string, text: unknown = expect.any(String)) => ({
  ok: false,
  error: { kind: 'alarm', alarm: { kind, text } },
});

describe('a log that is as it was', () => {
  it('is proven to go on, over pages and visits', async () => {
    expect(await watch.advance()).toMatchObject({
      ok: true,
      value: { before: null, signer: key.name, checkpoint: { size: 300 } },
    });
    log.entries = entriesOf(700);
    expect(await watch.advance()).toMatchObject({ ok: true, value: { before: 300 } });
    log.entries = entriesOf(701);
    expect(await newWatch().advance()).toMatchObject({ ok: true, value: { before: 700 } });
    expect(await watch.advance()).toMatchObject({ ok: true, value: { before: 701 } });
    expect(await watch.alarm()).toBeNull();
  });

  it('has every credit, and shows the entry', async () => {
    for (const number of [0, 255, 256, 299]) {
      const proof = await watch.prove(number, claim(number));
      expect(proof).toMatchObject({ ok: true, value: { index: number, fact: factOf(number) } });
      expect(proof.ok && encodeFact(factOf(number))).toEqual(proof.ok && log.entries[number]);
      expect(proof.ok && JSON.parse(proof.value.text)).toMatchObject({
        assignment: `asg_${number}`,
      });
    }
    // The checkpoint was fetched once, and whole tiles and bundles too.
    const paths = log.asked.map(({ path }) => path);
    expect(paths.filter((path) => path === 'checkpoint')).toHaveLength(1);
    expect(paths.filter((path) => path === 'tile/entries/000')).toHaveLength(1);
  });

  it('has a new credit with the next checkpoint', async () => {
    expect(await watch.prove(300, claim(300))).toMatchObject({ error: { kind: 'pending' } });
    log.entries = entriesOf(301);
    expect(await watch.prove(300, claim(300))).toMatchObject({ ok: true });
  });
});

describe('what cannot be reached raises no alarm', () => {
  it('a coordinator that is down, from the first visit or later', async () => {
    log.isDown = true;
    expect(await watch.advance()).toMatchObject({ error: { kind: 'unreachable' } });
    log.isDown = false;
    await watch.advance();
    log.isDown = true;
    expect(await watch.prove(0, claim(0))).toMatchObject({ error: { kind: 'unreachable' } });
    expect(await watch.alarm()).toBeNull();
  });

  it('files that are not there are said to be withheld', async () => {
    await watch.advance();
    log.entries = entriesOf(600);
    log.change = (path, bytes) => (path.startsWith('tile/0') ? null : bytes);
    expect(await watch.advance()).toMatchObject({ error: { kind: 'withheld' } });
    log.change = (path, bytes) => (path.startsWith('tile/entries') ? null : bytes);
    expect(await watch.prove(3, claim(3))).toMatchObject({ error: { kind: 'withheld' } });
    log.change = (path, bytes) => (path === 'checkpoint' ? null : bytes);
    expect(await watch.advance()).toMatchObject({ error: { kind: 'withheld' } });
    expect(await watch.alarm()).toBeNull();
  });

  it('a log that is behind what was seen and contradicts nothing', async () => {
    log.entries = entriesOf(700);
    await watch.advance();
    const mirror = serving(log.entries);
    log.entries = entriesOf(400);
    const { file } = log;
    log.file = async (path, anew) => {
      if (path === 'checkpoint') return file.call(log, path, anew);
      const tile = await mirror(path);
      return tile.ok ? tile : missing(tile.error);
    };
    expect(await watch.advance()).toMatchObject({ error: { kind: 'behind' } });
    expect(memory.remembered?.note).toContain('\n700\n');
  });

  it('what a cache has spoiled is asked for again', async () => {
    await watch.advance();
    log.entries = entriesOf(600);
    const spoiled: Change = (path, bytes) =>
      path !== 'checkpoint' && !log.asked.at(-1)!.anew ? bent(path, bytes) : bytes;
    log.change = spoiled;
    expect(await watch.advance()).toMatchObject({ ok: true, value: { before: 300 } });
  });
});

describe('an alarm', () => {
  it('of another key', async () => {
    await watch.advance();
    log.verifierKey = formatVerifierKey({ ...key, publicKey: new Uint8Array(32).fill(9) });
    expect(await watch.advance()).toMatchObject(alarmed('key'));
  });

  it('of a checkpoint that was changed', async () => {
    log.change = (path, bytes) =>
      path === 'checkpoint'
        ? new TextEncoder().encode(new TextDecoder().decode(bytes).replace('\n300\n', '\n301\n'))
        : bytes;
    expect(await watch.advance()).toMatchObject(alarmed('signature'));
  });

  it.each([300, 301, 700])('of a fork, with %i entries by now', async (size) => {
    await watch.advance();
    const { note } = memory.remembered!;
    log.entries = entriesOf(size);
    log.entries[17] = encodeFact(factOf(17, '999'));
    expect(await watch.advance()).toMatchObject(alarmed('fork'));
    expect(memory.remembered).toMatchObject({
      note,
      alarm: { evidence: { knownCheckpoint: note, servedCheckpoint: log.note() } },
    });
  });

  it('of a log that was cut', async () => {
    await watch.advance();
    log.entries = entriesOf(200);
    expect(await watch.advance()).toMatchObject(
      alarmed('rollback', expect.stringContaining('300')),
    );
  });

  it('of a tile that was tampered with, when the log goes on or an entry is proven', async () => {
    const tampered: Change = (path, bytes) =>
      path.startsWith('tile/0') ? bent(path, bytes) : bytes;
    await watch.advance();
    log.change = tampered;
    expect(await newWatch().prove(3, claim(3))).toMatchObject(alarmed('tile'));
    memory.remembered = { ...memory.remembered!, alarm: null };
    log.entries = entriesOf(600);
    expect(await newWatch().advance()).toMatchObject(alarmed('tile'));
  });

  it('of an entry that was rewritten', async () => {
    log.change = (path, bytes) =>
      path === 'tile/entries/000'
        ? encodeBundle(log.entries.slice(0, 256).map((it, i) => (i === 3 ? it.slice(1) : it)))
        : bytes;
    expect(await watch.prove(4, claim(4))).toMatchObject({ ok: true });
    expect(await watch.prove(3, claim(3))).toMatchObject(alarmed('entry-rewritten'));
  });

  it('of an entry that was dropped', async () => {
    log.change = (path, bytes) =>
      path === 'tile/entries/000' ? encodeBundle(log.entries.slice(1, 256)) : bytes;
    expect(await watch.prove(3, claim(3))).toMatchObject(
      alarmed('entry-dropped', expect.stringContaining('expected 256 entries, came 255')),
    );
  });

  it('of a credit that the log has otherwise', async () => {
    log.entries[3] = encodeFact(factOf(3, '999'));
    expect(await watch.prove(3, claim(3))).toMatchObject(
      alarmed('entry-differs', 'entry 3: the log says microCredits 999, the coordinator says 4'),
    );
  });

  it('of a credit that has not come into the log in time', async () => {
    expect(await watch.prove(300, claim(300))).toMatchObject({ error: { kind: 'pending' } });
    nowMs += LOG_MERGE_DELAY_MS;
    expect(await watch.prove(300, claim(300))).toMatchObject({ error: { kind: 'pending' } });
    nowMs += 1;
    expect(await watch.prove(300, claim(300))).toMatchObject(alarmed('entry-missing'));
  });

  it('of another tab stays while this one finds nothing wrong', async () => {
    await watch.advance();
    const { view } = log;
    log.view = async () => {
      // While this tab is answered, another one is told of another key.
      const answer = await view.call(log);
      log.view = () => Promise.resolve(ok({ ...told, verifierKey: otherKey }));
      await newWatch().advance();
      return answer;
    };
    const otherKey = formatVerifierKey({ ...key, publicKey: new Uint8Array(32).fill(9) });
    const told = { origin: key.name, path: '/log' };
    expect(await watch.advance()).toMatchObject({ ok: true });
    expect(await newWatch().alarm()).toMatchObject({ kind: 'key' });
  });

  it('stays over visits, whatever is served then, until a person takes the log as it is', async () => {
    await watch.advance();
    const whole = log.entries;
    log.entries = entriesOf(200);
    await watch.advance();
    log.entries = whole;
    const later = newWatch();
    expect(await later.advance()).toMatchObject(alarmed('rollback'));
    expect(await later.prove(3, claim(3))).toMatchObject(alarmed('rollback'));
    expect(await later.alarm()).toMatchObject({ kind: 'rollback' });
    await later.accept();
    expect(await later.advance()).toMatchObject({ ok: true, value: { before: null } });
  });
});
