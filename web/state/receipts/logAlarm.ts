/** What a page remembers of the public log, and what it holds against it. Types only. */

/** How history was found to have changed, or what is said of it to be untrue. */
export type AlarmKind =
  /** The log is signed with another key than the one that this browser knows. */
  | 'key'
  /** The checkpoint is not signed, or not with that key. */
  | 'signature'
  /** Two signed checkpoints that cannot both be true. */
  | 'fork'
  /** The log is shorter than it was, and cannot show that it is only behind. */
  | 'rollback'
  /** Hashes are served that do not lead to the signed root. */
  | 'tile'
  /** An entry is served that is not the one under the signed root. */
  | 'entry-rewritten'
  /** Fewer entries are served than the signed checkpoint counts. */
  | 'entry-dropped'
  /** What the coordinator tells of a credit is not what the log says. */
  | 'entry-differs'
  /** A credit was told of long ago, and is not in the log. */
  | 'entry-missing';

export interface LogAlarm {
  readonly kind: AlarmKind;
  /** What was expected and what came. */
  readonly text: string;
  readonly atMs: number;
  /** For whoever is shown it: both checkpoints as they were signed, and what else is contradicted. */
  readonly evidence: Readonly<Record<string, string>>;
}

export interface RememberedLog {
  /** As it was at the first visit. */
  readonly verifierKey: string;
  /** The last checkpoint that was seen, as it was signed. */
  readonly note: string;
  readonly seenAtMs: number;
  /** Stays until a person takes the log as it is. */
  readonly alarm: LogAlarm | null;
}

/** Where it is kept between visits. Null at the first one. */
export interface LogMemory {
  read(): Promise<RememberedLog | null>;
  /** An alarm that is there stays, also one of another tab, until null is written. */
  write(remembered: RememberedLog | null): Promise<void>;
}
