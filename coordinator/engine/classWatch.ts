/**
 * Engine classes at work: files what is found of reports under their class, and quarantines a class whose driver is
 * wrong.
 *
 * Whether it is the driver, `core/classes.ts` decides. Invariant: what a quarantine does is done in the tick that finds
 * it, before that tick gives out work.
 */
import {
  afterFinding,
  followsClass,
  forgivable,
  lifted,
  newClass,
  quarantined,
  type ClassFinding,
  type ClassMember,
  type ClassRecord,
} from '../core/classes.ts';
import { gpuClassOf } from '../core/engineClass.ts';
import type { Notice } from './calibrations.ts';
import type { ConnectedHost, Hosts } from './hosts.ts';
import type { Tick } from './tick.ts';

export interface ClassWatchOptions {
  readonly hosts: Hosts;
  readonly now: () => number;
  readonly notice: Notice;
  /** The class’s results that are not final are to be taken back, and these members’ faults forgiven. */
  readonly respond: (tick: Tick, record: ClassRecord, blameless: readonly ClassMember[]) => void;
}

/** Classes of one program. Of too many, the one with the fewest members goes: names cost nothing to make up. */
const MAX_CLASSES_PER_PROGRAM = 64;

export class ClassWatch {
  readonly #options: ClassWatchOptions;
  readonly #byProgram = new Map<string, Map<string, ClassRecord>>();
  /** Quarantined in this tick. */
  #fresh: ClassRecord[] = [];

  constructor(options: ClassWatchOptions) {
    this.#options = options;
  }

  /** Records of the store, at start. */
  takeUp(records: readonly ClassRecord[]): void {
    for (const record of records) this.#keep(record);
  }

  file(tick: Tick, program: string, engineClass: string, finding: ClassFinding): void {
    const classes = this.#byProgram.get(program);
    const known = classes?.get(engineClass);
    if (known === undefined && !this.#makeRoom(tick, classes)) return;
    const record = afterFinding(known ?? newClass(program, engineClass), finding);
    this.#put(tick, record);
    if (!finding.isWrong || !followsClass(record, this.#of(program))) return;
    const stopped = quarantined(record, this.#options.now());
    this.#put(tick, stopped);
    this.#fresh.push(stopped);
  }

  isQuarantined(program: string, engineClass: string): boolean {
    return this.#byProgram.get(program)?.get(engineClass)?.state.kind === 'quarantined';
  }

  /** To be called in every tick, after its inputs and before work is given out. */
  respond(tick: Tick): void {
    for (const record of this.#fresh.splice(0)) {
      const { program, engineClass, state } = record;
      this.#tellHosts(program, engineClass, true);
      this.#options.respond(tick, record, forgivable(record, this.#of(program)));
      tick.afterCommit(() =>
        this.#options.notice('class-quarantined', { program, engineClass, ...state }),
      );
    }
  }

  /** A host has connected: programs on which its GPU's class is quarantined. */
  programsRefusedTo({ capabilities }: Pick<ConnectedHost, 'capabilities'>): string[] {
    const own = gpuClassOf(capabilities);
    if (own === null) return [];
    return [...this.#byProgram.keys()].filter((program) => this.isQuarantined(program, own));
  }

  /** An operator lets a class work again. False where it is not quarantined. */
  lift(tick: Tick, program: string, engineClass: string): boolean {
    const record = this.#byProgram.get(program)?.get(engineClass);
    if (record?.state.kind !== 'quarantined') return false;
    this.#put(tick, lifted(record));
    this.#tellHosts(program, engineClass, false);
    tick.afterCommit(() => this.#options.notice('class-lifted', { program, engineClass }));
    return true;
  }

  all(): ClassRecord[] {
    return [...this.#byProgram.values()].flatMap((classes) => [...classes.values()]);
  }

  get quarantinedCount(): number {
    return this.all().filter(({ state }) => state.kind === 'quarantined').length;
  }

  #tellHosts(program: string, engineClass: string, isStopped: boolean): void {
    for (const host of this.#options.hosts.all()) {
      if (gpuClassOf(host.capabilities) !== engineClass) continue;
      if (isStopped) host.classQuarantines.add(program);
      else host.classQuarantines.delete(program);
    }
  }

  /** False where every class is needed. Those that were never wrong go first. */
  #makeRoom(tick: Tick, classes: Map<string, ClassRecord> | undefined): boolean {
    if (classes === undefined || classes.size < MAX_CLASSES_PER_PROGRAM) return true;
    const wrong = ({ members }: ClassRecord) => members.filter((it) => it.wrong > 0).length;
    const [least] = [...classes.values()]
      .filter(({ state }) => state.kind !== 'quarantined')
      .sort((a, b) => wrong(a) - wrong(b) || a.members.length - b.members.length);
    if (least === undefined) return false;
    tick.dropClass(least);
    return classes.delete(least.engineClass);
  }

  #of(program: string): ClassRecord[] {
    return [...(this.#byProgram.get(program)?.values() ?? [])];
  }

  #put(tick: Tick, record: ClassRecord): void {
    this.#keep(record);
    tick.putClass(record);
  }

  #keep(record: ClassRecord): void {
    const classes = this.#byProgram.get(record.program) ?? new Map<string, ClassRecord>();
    this.#byProgram.set(record.program, classes.set(record.engineClass, record));
  }
}
