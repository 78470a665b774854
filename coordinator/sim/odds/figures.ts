/** What one run of the simulation counts, and the rates that follow. Work is counted in items. */
export class Ledger {
  accepted = 0;
  wrongJobs = 0;
  wrongItems = 0;
  /** Wrong by a fault of honest hardware, one item each: not among `wrongJobs`. */
  faultyJobs = 0;
  /** Items computed to check others, by why. */
  readonly checking = {
    probes: 0,
    blind: 0,
    disputes: 0,
    triage: 0,
    topUps: 0,
    algebra: 0,
    replicas: 0,
  };
  /** Items computed again because a report was rejected or taken back. */
  redone = 0;
  honestEjected = 0;
  ejected = 0;
  assignmentsOfEjected = 0;
  /** Provisional jobs when the last one was handed out. */
  waiting = 0;

  /** A job is final, with so many wrong items of an adversary or of honest hardware. */
  accept(wrong: number, malicious: boolean): void {
    this.accepted += 1;
    if (wrong === 0) return;
    if (!malicious) {
      this.faultyJobs += 1;
      return;
    }
    this.wrongJobs += 1;
    this.wrongItems += wrong;
  }

  eject(who: { readonly malicious: boolean; readonly assignments: number }): void {
    if (!who.malicious) {
      this.honestEjected += 1;
      return;
    }
    this.ejected += 1;
    this.assignmentsOfEjected += who.assignments;
  }
}

export interface Figures {
  readonly jobs: number;
  /** Parts of the accepted work: see `Ledger.checking`; `check` is their sum. */
  readonly check: number;
  readonly checkParts: Readonly<Ledger['checking']>;
  readonly redo: number;
  /** Wrong by an adversary, of jobs accepted as final and of their items. */
  readonly wrongJobs: number;
  readonly wrongItems: number;
  /** Of jobs accepted as final: a fault of honest hardware in one item. */
  readonly faultyJobs: number;
  readonly honestBansPerMillion: number;
  /** Assignments of an adversary before it was ejected, on average; null where none was. */
  readonly untilEjection: number | null;
  readonly waiting: number;
}

export function figuresOf(ledger: Ledger, itemsPerJob: number): Figures {
  const { accepted, checking } = ledger;
  const items = accepted * itemsPerJob;
  const checkParts = {
    probes: checking.probes / items,
    blind: checking.blind / items,
    disputes: checking.disputes / items,
    triage: checking.triage / items,
    topUps: checking.topUps / items,
    algebra: checking.algebra / items,
    replicas: checking.replicas / items,
  };
  return {
    jobs: accepted,
    check: Object.values(checkParts).reduce((sum, part) => sum + part, 0),
    checkParts,
    redo: ledger.redone / items,
    wrongJobs: ledger.wrongJobs / accepted,
    wrongItems: ledger.wrongItems / items,
    faultyJobs: ledger.faultyJobs / accepted,
    honestBansPerMillion: (ledger.honestEjected / accepted) * 1e6,
    untilEjection: ledger.ejected === 0 ? null : ledger.assignmentsOfEjected / ledger.ejected,
    waiting: ledger.waiting / accepted,
  };
}
