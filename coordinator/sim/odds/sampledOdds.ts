/**
 * The sampled policy over very many jobs: production's stream of checks (`core/stream.ts`) with the engine
 * around it reduced to counts. What `engine/sampling.ts` does in ticks happens here in one call, in its order.
 *
 * One endless program; a report is there as soon as it is granted. Invariant: a job is counted when it is final,
 * and work that was refused or taken back is done again by somebody until every job is.
 */
import { MAX_FAULTY_SAMPLED_REPORTS } from '../../../shared/limits.ts';
import {
  BLIND_RATE,
  NEW_STREAM,
  afterChecks,
  afterReport,
  checksMissing,
  probesOf,
  triageMissing,
  type Stream,
} from '../../core/stream.ts';
import { SETTLED_FIRST } from '../../engine/sampleCheck.ts';
import { Ledger, figuresOf, type Figures } from './figures.ts';
import type { QuickRng } from './quickRng.ts';
import { RowPool, type Drawn, type Source } from './rowPool.ts';
import { Slots, type Conditions, type Crowd, type Identity } from './slots.ts';

interface Contributor extends Identity {
  stream: Stream;
  /** Reports, oldest first, from the first that is provisional on; later ones may be refused already. */
  escrow: Report[];
  /** Where in `escrow` that is. */
  first: number;
}

interface Report extends Source<Contributor> {
  readonly wrong: number;
  readonly checksThen: number;
  /** Reports of this job that were refused before. */
  readonly refused: number;
}

/** What a contributor said of a probe. */
interface Answer {
  readonly probe: Drawn<Report>;
  readonly wrong: boolean;
  readonly disputed: boolean;
}

/** Cost of one algebraic check beside the work it checks (reference: section 1.5). */
const ALGEBRAIC_COST = 0.01;

export const sampledOdds = (crowd: Crowd, conditions: Conditions, rng: QuickRng): Figures =>
  new SampledOdds(crowd, conditions, rng).run();

class SampledOdds {
  readonly #crowd: Crowd;
  readonly #conditions: Conditions;
  readonly #rng: QuickRng;
  readonly #ledger = new Ledger();
  readonly #pool: RowPool<Contributor, Report>;
  readonly #slots: Slots<Contributor>;
  readonly #provisional = new Set<Contributor>();
  /** Jobs to be done, by how many reports of them were refused. */
  readonly #open: number[];

  constructor(crowd: Crowd, conditions: Conditions, rng: QuickRng) {
    this.#crowd = crowd;
    this.#conditions = conditions;
    this.#rng = rng;
    this.#pool = new RowPool(rng);
    this.#open = [conditions.jobs, ...Array<number>(MAX_FAULTY_SAMPLED_REPORTS).fill(0)];
    this.#slots = new Slots(crowd, conditions, rng, (identity) => ({
      ...identity,
      stream: NEW_STREAM,
      escrow: [],
      first: 0,
    }));
  }

  run(): Figures {
    this.#workOff();
    this.#ledger.waiting = this.#pool.size;
    while (this.#provisional.size > 0) {
      // Nothing is left to hand out: the referee does what checks are missing.
      for (const contributor of [...this.#provisional]) this.#topUp(contributor);
      this.#workOff();
    }
    return figuresOf(this.#ledger, this.#conditions.items);
  }

  #workOff(): void {
    for (;;) {
      const refused = this.#open.findLastIndex((jobs) => jobs > 0);
      if (refused < 0) return;
      this.#open[refused]! -= 1;
      if (refused === MAX_FAULTY_SAMPLED_REPORTS) {
        this.#ledger.checking.disputes += this.#conditions.items;
        this.#ledger.accept(0, false);
      } else this.#assign(refused);
    }
  }

  #assign(refused: number): void {
    const { items } = this.#conditions;
    const contributor = this.#slots.pick();
    if (this.#rng.chance(this.#crowd.policy.algebraicShare)) {
      contributor.assignments += 1;
      this.#ledger.checking.algebra += ALGEBRAIC_COST * items;
      return this.#ledger.accept(0, false);
    }
    const probes = this.#pool.choose(contributor, this.#probesFor(contributor));
    const wanted = this.#probesFor(contributor) - probes.length;
    const unasked = Math.floor(items * BLIND_RATE + this.#rng.next());
    const blind = Math.min(Math.max(wanted, unasked), items);
    this.#ledger.checking.probes += probes.length;

    let listed = items + probes.length;
    let spoiled = this.#spoiled(contributor, listed);
    const answers: Answer[] = [];
    for (const probe of probes) {
      const alike = spoiled > 0 && this.#rng.chance(spoiled / listed);
      listed -= 1;
      if (alike) spoiled -= 1;
      const answer = this.#answer(contributor, probe, alike);
      const disputed = answer === 'wrong' || (answer === 'right' && probe.wrong);
      answers.push({ probe, wrong: answer === 'wrong', disputed });
    }
    const { checked, mismatched, settled } = this.#settle(answers, blind, spoiled);
    const clean = checked - mismatched;
    contributor.stream = afterReport(contributor.stream, items, { clean, mismatched });
    if (mismatched === 0) this.#accept(contributor, spoiled, refused);
    else this.#refuse(refused);

    for (const answer of answers) {
      const counts = answer.disputed ? settled.has(answer) : mismatched === 0;
      if (counts) this.#file(answer.probe, answer.disputed, contributor);
    }
    for (const owner of [contributor, ...probes.map(({ source }) => source.owner)]) {
      this.#review(owner);
      this.#triage(owner);
    }
  }

  /** The referee's part: blind samples and disputes, of which a few come first. */
  #settle(answers: readonly Answer[], blind: number, spoiled: number) {
    const disputes = answers.filter(({ disputed }) => disputed);
    const settled = new Set<Answer>();
    const agreed = answers.length - disputes.length;
    let refereed = 0;
    let mismatched = 0;
    for (const most of [SETTLED_FIRST, Infinity]) {
      if (mismatched > 0) break;
      const samples = Math.min(blind, most) - Math.min(blind, refereed);
      const wrong = this.#rng.marked(samples, spoiled, this.#conditions.items);
      const asked = disputes.slice(settled.size, Math.max(0, most - blind));
      for (const answer of asked) settled.add(answer);
      mismatched += wrong + asked.filter((answer) => answer.wrong).length;
      refereed += samples + asked.length;
      this.#ledger.checking.blind += samples;
      this.#ledger.checking.disputes += asked.length;
    }
    return { checked: agreed + refereed, mismatched, settled };
  }

  /** Where a report was found wrong lately, the referee samples others of its contributor. */
  #triage(contributor: Contributor): void {
    const left = contributor.escrow.filter((it) => isProvisional(it) && it.left > 0);
    while (triageMissing(contributor.stream) > 0 && left.length > 0) {
      const at = this.#rng.below(left.length);
      const report = left[at]!;
      this.#ledger.checking.triage += 1;
      this.#checked(report, this.#pool.takeRow(report));
      if (report.left === 0 || !isProvisional(report)) left.splice(at, 1);
    }
    this.#review(contributor);
  }

  #probesFor = ({ stream }: Contributor): number =>
    probesOf(stream, this.#conditions.items, this.#rng.next());

  /** Wrong items among those listed; every second voucher leaves its own work right. */
  #spoiled(contributor: Contributor, listed: number): number {
    const spoiled = this.#slots.spoiledBy(contributor, listed);
    const vouchesOnly = contributor.malicious && this.#crowd.policy.probes === 'vouches';
    return vouchesOnly && contributor.number % 2 === 0 ? 0 : spoiled;
  }

  /** Its value of a probe: an accomplice gives the one that it is held against, right or wrong. */
  #answer(
    { malicious }: Contributor,
    { source }: Drawn<Report>,
    spoiled: boolean,
  ): 'right' | 'wrong' | 'same' {
    const { policy, colluding } = this.#crowd;
    const { owner } = source;
    if (malicious && owner.malicious && colluding) return 'same';
    const accuses = malicious && policy.probes === 'accuses' && !owner.malicious;
    return spoiled || accuses ? 'wrong' : 'right';
  }

  #accept(owner: Contributor, wrong: number, refused: number): void {
    const { items } = this.#conditions;
    const checksThen = owner.stream.checks;
    const state = 'provisional' as const;
    const rows = { left: items, wrongLeft: wrong, wrong };
    const report: Report = { owner, state, ...rows, at: -1, checksThen, refused };
    this.#pool.add(report);
    owner.escrow.push(report);
    this.#provisional.add(owner);
  }

  #refuse(refused: number): void {
    this.#ledger.redone += this.#conditions.items;
    this.#open[refused + 1]! += 1;
  }

  /** What a probe says about the report that it was held against. */
  #file(probe: Drawn<Report>, disputed: boolean, checker: Contributor): void {
    const { source } = probe;
    if (source.state !== 'provisional') return;
    this.#checked(source, disputed && probe.wrong);
    if (isProvisional(source)) this.#pool.confirm(probe, checker);
  }

  /** One row of a provisional report was checked. */
  #checked(report: Report, wrong: boolean): void {
    const { owner } = report;
    const outcome = wrong ? { clean: 0, mismatched: 1 } : { clean: 1, mismatched: 0 };
    owner.stream = afterChecks(owner.stream, outcome);
    if (!wrong) return;
    this.#end(report, 'void');
    this.#refuse(report.refused);
  }

  #end(report: Report, state: 'final' | 'void'): void {
    report.state = state;
    this.#pool.remove(report);
  }

  /** What a contributor's checks now say about its provisional reports. */
  #review(contributor: Contributor): void {
    const { stream, escrow } = contributor;
    const { gate } = this.#conditions;
    for (; contributor.first < escrow.length; contributor.first++) {
      const report = escrow[contributor.first]!;
      if (report.state !== 'provisional') continue;
      if (stream.ejected) {
        this.#end(report, 'void');
        this.#refuse(report.refused);
      } else if (checksMissing(stream, report.checksThen, gate) === 0) this.#finalise(report);
      else break;
    }
    if (stream.ejected && this.#slots.replace(contributor)) this.#ledger.eject(contributor);
    if (contributor.first > escrow.length / 2) {
      escrow.splice(0, contributor.first);
      contributor.first = 0;
    }
    if (escrow.length === 0) this.#provisional.delete(contributor);
  }

  #finalise(report: Report): void {
    this.#end(report, 'final');
    this.#ledger.accept(report.wrong, report.owner.malicious);
  }

  /** The referee checks rows of a contributor's escrow until it is final, or all of them were checked. */
  #topUp(contributor: Contributor): void {
    for (;;) {
      this.#review(contributor);
      const provisional = contributor.escrow.filter(isProvisional);
      if (provisional.length === 0) return;
      const unchecked = provisional.filter(({ left }) => left > 0);
      const report = unchecked[this.#rng.below(unchecked.length)];
      if (report === undefined) {
        // Every item was found right, one by one: no stream has to speak for it.
        for (const checked of provisional) this.#finalise(checked);
      } else {
        this.#ledger.checking.topUps += 1;
        this.#checked(report, this.#pool.takeRow(report));
      }
    }
  }
}

const isProvisional = ({ state }: Report): boolean => state === 'provisional';
