/**
 * What the rules know of the device and of the person at one moment. Types only.
 *
 * `null` where the browser does not tell: a rule that needs it then says nothing, and the page that its control is
 * without effect.
 */
export interface Signals {
  /** Since 1970. */
  readonly wallMs: number;
  /** Local time since Monday 00:00, in whole milliseconds. */
  readonly weekMs: number;
  /** Milliseconds to the next local midnight. */
  readonly toMidnightMs: number;
  /** A break that the person asked for. */
  readonly breakUntilMs: number | null;
  readonly visible: boolean;
  readonly battery: { readonly charging: boolean; readonly level: number } | null;
  readonly pressure: PressureSignal | null;
  /** When this page was last touched; null where it never was. */
  readonly lastInputMs: number | null;
  /** Of the whole device, where the person let this page know. */
  readonly deviceInUse: boolean | null;
  /** The line costs money, or the person saves data. */
  readonly metered: boolean | null;
  /** Up and down, on this local day. */
  readonly bytesToday: number;
}

export type PressureState = 'nominal' | 'fair' | 'serious' | 'critical';

export interface PressureSignal {
  readonly state: PressureState;
  /** When it was last critical; null where it never was. */
  readonly lastCriticalMs: number | null;
}
