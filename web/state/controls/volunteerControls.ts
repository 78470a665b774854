/**
 * The volunteer's controls at work: settings and signals are put before the rules whenever one of them changes, or the
 * moment comes that the last decision named.
 *
 * Decides nothing itself (`decide`) and starts nothing: who computes follows `onDecision`. Invariant: one timer at most
 * runs, for a moment that is known.
 */
import type { DutyReport } from '../../compute/api.ts';
import { decide, type Decision } from '../../volunteer/controls/decide.ts';
import { changed, parseSettings, type Settings } from '../../volunteer/controls/settings.ts';
import type { PressureState, Signals } from '../../volunteer/controls/signals.ts';
import type { Clock } from '../../volunteer/ports.ts';
import type { Source } from './source.ts';
import type { StoredText } from './storedText.ts';
import type { LocalTime } from './localTime.ts';

export interface ControlSources {
  readonly battery: Source<NonNullable<Signals['battery']>>;
  readonly pressure: Source<PressureState>;
  readonly metered: Source<boolean>;
  readonly visible: Source<boolean>;
  readonly touch: Source<number>;
  readonly deviceInUse: Source<boolean>;
}

export interface ControlPorts {
  readonly sources: ControlSources;
  readonly clock: Clock;
  readonly localTime: () => LocalTime;
  readonly settings: StoredText;
  readonly breakUntil: StoredText;
  readonly bytesToday: () => number;
}

export interface ControlsView {
  readonly settings: Settings;
  /** What was kept of earlier visits could not be read. */
  readonly wasBroken: boolean;
  readonly decision: Decision;
  readonly bytesToday: number;
  /** Null before anything was computed at the present duty. */
  readonly duty: DutyReport | null;
  /** Which signals this browser gives. */
  readonly tells: Readonly<Record<keyof ControlSources, boolean>>;
}

export interface ControlsStore {
  /** Calls at once with the present view, then at every change; the result ends it. */
  subscribe(listener: (view: ControlsView) => void): () => void;
}

/** A timer that fires a little early would look at the same decision again. */
const LATE_MS = 5;
const ASLEEP: Signals = {
  wallMs: 0,
  weekMs: 0,
  toMidnightMs: 0,
  breakUntilMs: null,
  visible: true,
  battery: null,
  pressure: null,
  lastInputMs: null,
  deviceInUse: null,
  metered: null,
  bytesToday: 0,
};

export class VolunteerControls implements ControlsStore {
  readonly #ports: ControlPorts;
  readonly #listeners = new Set<(view: ControlsView) => void>();
  #signals = ASLEEP;
  #view: ControlsView;
  #cancelLook: (() => void) | undefined;
  #endWatching: readonly (() => void)[] = [];
  #endDeviceUse: (() => void) | undefined;

  constructor(ports: ControlPorts) {
    this.#ports = ports;
    const { sources } = ports;
    const { settings, wasBroken } = parseSettings(ports.settings.read());
    const names = Object.keys(sources) as (keyof ControlSources)[];
    const tells = Object.fromEntries(
      names.map((name) => [name, sources[name].isAvailable]),
    ) as ControlsView['tells'];
    this.#signals = { ...ASLEEP, breakUntilMs: readMoment(ports.breakUntil.read()) };
    const decision = decide(settings, this.#now());
    const bytesToday = ports.bytesToday();
    this.#view = { settings, wasBroken, decision, bytesToday, duty: null, tells };
    ports.settings.onChange(() => {
      const stored = parseSettings(ports.settings.read());
      this.#become({ ...stored, duty: null });
    });
    ports.breakUntil.onChange(() => {
      this.#note({ breakUntilMs: readMoment(ports.breakUntil.read()) });
    });
  }

  get view(): ControlsView {
    return this.#view;
  }

  subscribe(listener: (view: ControlsView) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#view);
    return () => this.#listeners.delete(listener);
  }

  /** While something computes or would: only then is the device listened to. */
  watch(): void {
    if (this.#endWatching.length > 0) return;
    const { battery, pressure, metered, visible, touch } = this.#ports.sources;
    this.#endWatching = [
      battery.watch((value) => this.#note({ battery: value })),
      pressure.watch((state) => this.#notePressure(state)),
      metered.watch((value) => this.#note({ metered: value })),
      visible.watch((value) => this.#note({ visible: value })),
      touch.watch((lastInputMs) => this.#note({ lastInputMs })),
    ];
    this.listenToDevice();
    this.look();
  }

  unwatch(): void {
    for (const end of this.#endWatching) end();
    this.#endWatching = [];
    this.#endDeviceUse?.();
    this.#endDeviceUse = undefined;
    this.#cancelLook?.();
    const { breakUntilMs } = this.#signals;
    this.#signals = { ...ASLEEP, breakUntilMs };
  }

  /** Anew, after the person has allowed it, or wants another time to count as away. */
  listenToDevice(): void {
    this.#endDeviceUse?.();
    const { deviceInUse } = this.#ports.sources;
    this.#endDeviceUse = deviceInUse.watch((value) => this.#note({ deviceInUse: value }));
  }

  /** What is beyond the limits is not taken. */
  choose(change: Partial<Settings>): void {
    const settings = changed(this.#view.settings, change);
    this.#ports.settings.write(JSON.stringify(settings));
    const isOtherAway = settings.awayAfterMinutes !== this.#view.settings.awayAfterMinutes;
    this.#become({ settings, wasBroken: false, duty: null });
    if (isOtherAway && this.#endDeviceUse !== undefined) this.listenToDevice();
  }

  /** A break of so long; 0 ends one. */
  takeBreak(ms: number): void {
    const breakUntilMs = ms > 0 ? this.#ports.localTime().wallMs + ms : null;
    this.#ports.breakUntil.write(breakUntilMs === null ? '' : String(breakUntilMs));
    this.#note({ breakUntilMs });
  }

  noteDuty(duty: DutyReport): void {
    this.#become({ duty });
  }

  /** The decision anew: the clock, the day's data or anything unseen may have changed. */
  look(): void {
    this.#become({});
  }

  #note(change: Partial<Signals>): void {
    this.#signals = { ...this.#signals, ...change };
    this.#become({});
  }

  #notePressure(state: PressureState): void {
    const before = this.#signals.pressure;
    const { wallMs } = this.#ports.localTime();
    // It was critical up to this moment.
    const isCritical = state === 'critical' || before?.state === 'critical';
    const lastCriticalMs = isCritical ? wallMs : (before?.lastCriticalMs ?? null);
    this.#note({ pressure: { state, lastCriticalMs } });
  }

  #now(): Signals {
    const { localTime, bytesToday } = this.#ports;
    return { ...this.#signals, ...localTime(), bytesToday: bytesToday() };
  }

  #become(change: Partial<ControlsView>): void {
    const settings = change.settings ?? this.#view.settings;
    const signals = this.#now();
    const decision = decide(settings, signals);
    this.#view = { ...this.#view, ...change, decision, bytesToday: signals.bytesToday };
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    const { lookAgainInMs } = decision;
    if (lookAgainInMs !== null && this.#endWatching.length > 0) {
      this.#cancelLook = this.#ports.clock.after(Math.ceil(lookAgainInMs) + LATE_MS, () => {
        this.look();
      });
    }
    for (const listener of this.#listeners) listener(this.#view);
  }
}

function readMoment(text: string | null): number | null {
  const ms = Number(text ?? '');
  return Number.isSafeInteger(ms) && ms > 0 ? ms : null;
}
