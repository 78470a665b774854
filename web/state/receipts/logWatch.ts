/**
 * A page's watch over the public log: that it goes on from what this browser has seen, and has what it was told.
 *
 * Holds no socket and no timer. Nothing that is served is believed: signature, consistency and inclusion are proven here.
 * Invariants: what is remembered only ever moves along proven histories; an alarm is raised only for what came twice, the
 * second time past every cache, and stays until a person takes the log as it is; what cannot be reached raises none.
 */
import { LOG_MERGE_DELAY_MS } from '../../../shared/limits.ts';
import { decodeFact, type LogFact } from '../../../shared/protocol/publicLog.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';
import { equalBytes } from '../../../shared/bytes.ts';
import {
  openCheckpoint,
  parseVerifierKey,
  type Checkpoint,
  type NoteKey,
  type VerifySignature,
} from '../../../shared/tlog/checkpoint.ts';
import { LogReader } from '../../../shared/tlog/logReader.ts';
import type { AlarmKind, LogAlarm, LogMemory, RememberedLog } from './logAlarm.ts';
import type { LogPort, Unserved } from './logPort.ts';

export interface LogWatchDeps {
  readonly port: LogPort;
  readonly memory: LogMemory;
  readonly verify: VerifySignature;
  readonly wallMs: () => number;
}

/** A history that was proven to go on from all that this browser has seen. */
export interface ProvenLog {
  readonly checkpoint: Checkpoint;
  /** Whose signature is on it. */
  readonly signer: string;
  /** Entries that the checkpoint before had; null at this browser's first. */
  readonly before: number | null;
  readonly seenAtMs: number;
}

export interface ProvenEntry {
  readonly index: number;
  readonly fact: LogFact;
  /** As it is in the log. */
  readonly text: string;
  readonly log: ProvenLog;
}

/** Why nothing was proven. `pending`: it is published with the next checkpoint. */
export type Unproven =
  | { readonly kind: 'unreachable' | 'withheld' | 'behind' | 'pending'; readonly text: string }
  | { readonly kind: 'alarm'; readonly alarm: LogAlarm };

/** What an entry must say; a difference in words, or null where it says so. */
export type Claim = (fact: LogFact) => string | null;

/** An alarm that is not yet one: it must come again. */
interface Suspicion {
  readonly kind: 'suspicion';
  readonly alarm: LogAlarm;
}
type Failure = Exclude<Unproven, { kind: 'alarm' }> | Suspicion;

export class LogWatch {
  readonly #deps: LogWatchDeps;
  #reader: LogReader;
  /** Proven last, on this page. */
  #log: { readonly proven: ProvenLog; readonly remembered: RememberedLog } | null = null;
  /** When this page first asked for an entry that the log had not. */
  readonly #awaited = new Map<number, number>();
  #unserved: Unserved | null = null;
  #anew = false;
  /** One at a time: what is remembered moves step by step. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: LogWatchDeps) {
    this.#deps = deps;
    this.#reader = this.#newReader();
  }

  /** The alarm that was raised on this or an earlier visit. */
  async alarm(): Promise<LogAlarm | null> {
    return (await this.#deps.memory.read())?.alarm ?? null;
  }

  /** Fetches the newest checkpoint, and proves that it goes on from the last one. */
  advance(): Promise<Result<ProvenLog, Unproven>> {
    return this.#inTurn(() => this.#twice(() => this.#advance()));
  }

  /** Proves that entry `index` is in the log and says what is claimed. */
  prove(index: number, claim: Claim): Promise<Result<ProvenEntry, Unproven>> {
    return this.#inTurn(() => this.#twice(() => this.#prove(index, claim)));
  }

  /** A person's word: the log is taken as it is now, and watched from here on. */
  accept(): Promise<void> {
    return this.#inTurn(async () => {
      this.#log = null;
      this.#awaited.clear();
      this.#reader = this.#newReader();
      await this.#deps.memory.write(null);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** What looks like an alarm is looked at again, past every cache; then it is one, and is kept. */
  async #twice<T>(attempt: () => Promise<Result<T, Failure>>): Promise<Result<T, Unproven>> {
    const remembered = await this.#deps.memory.read();
    if (remembered !== null && remembered.alarm !== null) {
      return fail({ kind: 'alarm', alarm: remembered.alarm });
    }
    const first = await attempt();
    if (first.ok) return first;
    if (first.error.kind !== 'suspicion') return fail(first.error);
    this.#log = null;
    this.#reader = this.#newReader();
    this.#anew = true;
    const second = await attempt();
    this.#anew = false;
    if (second.ok) return second;
    if (second.error.kind !== 'suspicion') return fail(second.error);
    const { alarm } = second.error;
    const known = (await this.#deps.memory.read()) ?? this.#firstSeen(alarm);
    await this.#deps.memory.write({ ...known, alarm });
    return fail({ kind: 'alarm', alarm });
  }

  /** At the very first look there is nothing else to remember. */
  #firstSeen({ evidence, atMs }: LogAlarm): RememberedLog {
    const { verifierKey = '', servedCheckpoint: note = '' } = evidence;
    return { verifierKey, note, seenAtMs: atMs, alarm: null };
  }

  async #advance(): Promise<Result<ProvenLog, Failure>> {
    const { port, memory, verify } = this.#deps;
    const remembered = await memory.read();
    const view = await port.view();
    if (!view.ok) return fail(unservedFailure(view.error));
    const { verifierKey } = view.value;
    if (remembered !== null && remembered.verifierKey !== verifierKey) {
      const text = `expected the key ${remembered.verifierKey}, came ${verifierKey}`;
      return this.#suspect('key', text, remembered, { toldKey: verifierKey });
    }
    const key = parseVerifierKey(verifierKey);
    if (!key.ok) {
      const text = `the log’s key cannot be used: ${key.error}`;
      return fail({ kind: 'withheld', text });
    }
    const file = await port.file('checkpoint', this.#anew);
    if (!file.ok) return fail(unservedFailure(file.error));
    const note = new TextDecoder().decode(file.value);
    const opened = await openCheckpoint(note, key.value, verify);
    const served = { verifierKey, servedCheckpoint: note };
    if (!opened.ok) {
      const text = `the checkpoint is not to be trusted: ${opened.error}`;
      return this.#suspect('signature', text, remembered, served);
    }
    const goesOn = await this.#goesOn(remembered, key.value, opened.value, served);
    if (!goesOn.ok) return goesOn;
    const seenAtMs = this.#deps.wallMs();
    const now: RememberedLog = { verifierKey, note, seenAtMs, alarm: null };
    const signer = key.value.name;
    const proven = { checkpoint: opened.value, signer, before: goesOn.value, seenAtMs };
    await memory.write(now);
    this.#log = { proven, remembered: now };
    return ok(proven);
  }

  /** The size of the last checkpoint that was seen, where the new one goes on from it; null where none was. */
  async #goesOn(
    remembered: RememberedLog | null,
    key: NoteKey,
    newer: Checkpoint,
    served: Readonly<Record<string, string>>,
  ): Promise<Result<number | null, Failure>> {
    if (remembered === null) return ok(null);
    const opened = await openCheckpoint(remembered.note, key, this.#deps.verify);
    // Storage that somebody wrote into: nothing can be held against the log by it.
    if (!opened.ok) return ok(null);
    const older = opened.value;
    const suspect = (kind: AlarmKind, text: string) =>
      this.#suspect(kind, text, remembered, served);
    if (older.size === newer.size) {
      if (equalBytes(older.root, newer.root)) return ok(older.size);
      return suspect('fork', `two different logs of ${older.size} entries were signed`);
    }
    this.#unserved = null;
    if (newer.size < older.size) {
      const broken = await this.#reader.inconsistency(newer, older);
      const sizes = `the log had ${older.size} entries, and has ${newer.size}`;
      if (broken === null) return fail({ kind: 'behind', text: sizes });
      if (this.#lastUnserved()?.kind === 'unreachable') return fail(this.#failure(broken));
      return suspect('rollback', sizes);
    }
    const broken = await this.#reader.inconsistency(older, newer);
    if (broken === null) return ok(older.size);
    if (this.#lastUnserved() !== null) return fail(this.#failure(broken));
    return (await this.#isServedWrong(newer))
      ? suspect('tile', WRONG_HASHES)
      : suspect('fork', broken);
  }

  async #prove(index: number, claim: Claim): Promise<Result<ProvenEntry, Failure>> {
    if (this.#log === null || index >= this.#log.proven.checkpoint.size) {
      const advanced = await this.#advance();
      if (!advanced.ok) return advanced;
    }
    const { proven, remembered } = this.#log!;
    const { checkpoint } = proven;
    const suspect = (kind: AlarmKind, text: string, more: Readonly<Record<string, string>> = {}) =>
      this.#suspect(kind, text, remembered, { entry: String(index), ...more });
    this.#unserved = null;
    const entry = await this.#reader.entry(index, checkpoint);
    if (!entry.ok) {
      const { kind, text } = entry.error;
      switch (kind) {
        case 'no-such-entry':
          return this.#isOverdue(index)
            ? suspect('entry-missing', `told of more than a minute ago, but ${text}`)
            : fail({ kind: 'pending', text });
        case 'unserved':
          return fail(this.#failure(text));
        case 'short':
          return suspect('entry-dropped', text);
        case 'unreadable':
          return suspect('tile', text);
        case 'unproven':
          return (await this.#isServedWrong(checkpoint))
            ? suspect('tile', WRONG_HASHES)
            : suspect('entry-rewritten', text);
        default:
          return kind satisfies never;
      }
    }
    this.#awaited.delete(index);
    const text = new TextDecoder().decode(entry.value.bytes);
    const fact = decodeFact(entry.value.bytes);
    const difference = fact.ok ? claim(fact.value) : `it cannot be read: ${fact.error}`;
    if (difference !== null || !fact.ok) {
      return suspect('entry-differs', `entry ${index}: ${difference}`, { logged: text });
    }
    return ok({ index, fact: fact.value, text, log: proven });
  }

  /** Do the served hashes lead to another root than the signed one? Then they say nothing about entries. */
  async #isServedWrong(checkpoint: Checkpoint): Promise<boolean> {
    const root = await this.#reader.servedRoot(checkpoint.size);
    return !root.ok || !equalBytes(root.value, checkpoint.root);
  }

  #isOverdue(index: number): boolean {
    const nowMs = this.#deps.wallMs();
    const sinceMs = this.#awaited.get(index);
    if (sinceMs === undefined) {
      if (this.#awaited.size >= MAX_AWAITED) this.#awaited.clear();
      this.#awaited.set(index, nowMs);
    }
    return sinceMs !== undefined && nowMs - sinceMs > LOG_MERGE_DELAY_MS;
  }

  #suspect(
    kind: AlarmKind,
    text: string,
    remembered: RememberedLog | null,
    more: Readonly<Record<string, string>>,
  ): Result<never, Suspicion> {
    const known = remembered === null ? {} : knownEvidence(remembered);
    const evidence = { ...known, ...more };
    const alarm = { kind, text, atMs: this.#deps.wallMs(), evidence };
    return fail({ kind: 'suspicion', alarm });
  }

  #failure(text: string): Exclude<Unproven, { kind: 'alarm' }> {
    return unservedFailure(this.#lastUnserved() ?? { kind: 'missing', text });
  }

  #lastUnserved(): Unserved | null {
    return this.#unserved;
  }

  #newReader(): LogReader {
    return new LogReader(async (path) => {
      const file = await this.#deps.port.file(path, this.#anew);
      if (file.ok) {
        this.#unserved = null;
        return file;
      }
      // A partial tile that is gone has a whole one in its place: that one's absence counts.
      if (this.#unserved?.kind !== 'unreachable') this.#unserved = file.error;
      return fail(file.error.text);
    });
  }
}

/** Entries that are waited for at once. */
const MAX_AWAITED = 1_000;

const WRONG_HASHES = 'hashes are served that do not lead to the root that was signed';

const knownEvidence = ({ verifierKey, note }: RememberedLog): Readonly<Record<string, string>> => ({
  verifierKey,
  knownCheckpoint: note,
});

const unservedFailure = ({ kind, text }: Unserved): Exclude<Unproven, { kind: 'alarm' }> => ({
  kind: kind === 'missing' ? 'withheld' : 'unreachable',
  text,
});
