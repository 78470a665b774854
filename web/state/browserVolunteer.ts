/**
 * A volunteer in a browser tab: the person's wishes and the page's life (hidden for good, frozen, online again, another
 * tab) turned into host events.
 *
 * Nothing is opened or fetched before `start`: making a volunteer costs a page nothing. Invariant: it computes only while
 * the person wants it to, this tab holds the lock, and the controls do not say to rest.
 */
import { messageOf } from '../../shared/result.ts';
import { browserControls } from './controls/browserControls.ts';
import { screenAwake } from './controls/screenAwake.ts';
import type { VolunteerControls } from './controls/volunteerControls.ts';
import type { Running } from './runningHost.ts';
import { volunteerStore, type VolunteerStore } from './volunteerStore.ts';
import { WorkSamples } from './workSamples.ts';
import type { RestReason } from '../volunteer/controls/decide.ts';
import type { Settings } from '../volunteer/controls/settings.ts';
import { browserIdentity } from '../volunteer/browserIdentity.ts';
import { browserTabLock } from '../volunteer/browserTabLock.ts';
import type { Clock, Identity } from '../volunteer/ports.ts';

export interface BrowserVolunteer {
  readonly store: VolunteerStore;
  /** How much, and when: followed at once, and kept for later visits. */
  readonly controls: VolunteerControls;
  /** What was computed here, an item now and then. */
  readonly samples: WorkSamples;
  /** After the visitor's click. Does nothing where it is computing already. */
  start(): Promise<void>;
  pause(): void;
  /** Also ends a break. */
  resume(): Promise<void>;
  stop(): void;
  /** Finishes what is in hand and under way on its routes, so that nothing is lost, then stops. `resume` takes it back. */
  handOver(): void;
}

export interface BrowserVolunteerOptions {
  /** The coordinator's address. */
  readonly url: string;
  readonly agent: string;
  /** Through which the visitor came; null where that is unknown. */
  readonly site?: string | null;
  /** Whose work it is; the kept key's of this browser where absent. */
  readonly identity?: () => Promise<Identity>;
}

/** What the coordinator is told at the beginning of a link, and then no more. */
const toldOf = ({ memoryCapMb, tellsRegion }: Settings): string =>
  JSON.stringify([memoryCapMb, tellsRegion]);

const LINE_REASONS: readonly RestReason['kind'][] = ['metered', 'data-cap'];

const clock: Clock = {
  nowMs: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

export function browserVolunteer(options: BrowserVolunteerOptions): BrowserVolunteer {
  const store = volunteerStore(() => clock.nowMs());
  const { controls, meter } = browserControls(clock);
  const screen = screenAwake();
  const samples = new WorkSamples(
    () => clock.nowMs(),
    () => document.visibilityState === 'visible',
  );
  let running: Running | null = null;
  let starting = false;
  /** The person has switched computing on. */
  let wanted = false;
  /** This tab holds the lock. */
  let holds = false;
  /** It let go of the lock because it is hidden and rests. */
  let lent = false;
  const lock = browserTabLock();
  let byeUrl: string | null = null;

  const takeLock = async (): Promise<boolean> => {
    holds = await lock.take();
    store.setElsewhere(!holds);
    if (!holds) {
      store.setResting(null);
      void takeOver();
    }
    return holds;
  };
  const letGo = (byPerson: boolean): void => {
    holds = false;
    lock.release(byPerson);
  };

  /** When the tab that computes goes, this one does what it was asked to. */
  const takeOver = async (): Promise<void> => {
    const outcome = await lock.takeNext();
    if (outcome === 'given-up') return;
    store.setElsewhere(false);
    // Switched off there, it is off here: a click starts it.
    if (outcome === 'switched-off') return switchOff();
    holds = true;
    await begin();
  };

  const compose = async (): Promise<Running> => {
    const { runningHost } = await import('./runningHost.ts');
    return runningHost({
      ...options,
      identity: await (options.identity ?? browserIdentity)(),
      clock,
      controls,
      meter,
      isLineBarred,
      samples,
      emit(event) {
        if (event.type === 'welcomed') byeUrl = event.byeUrl;
        store.apply(event);
        if (event.type === 'state' && event.state.kind === 'stopped') end(event.state.by);
      },
    });
  };

  /** The lock is ours. */
  const begin = async (): Promise<void> => {
    try {
      controls.watch();
      running ??= await compose();
      // Meanwhile it may have been switched off again.
      if (!wanted) return;
      // One of them fits: a new host, one that was put away, one that was paused.
      running.host.start(controls.view.decision.kind === 'rest');
      running.host.thaw();
      follow();
    } catch (thrown) {
      giveUp(thrown);
    }
  };
  const giveUp = (thrown: unknown): void => {
    switchOff();
    letGo(false);
    const text = `this browser cannot take part: ${messageOf(thrown)}`;
    store.apply({ type: 'state', state: { kind: 'stopped', by: 'compute', text } });
  };

  /** Nothing may go over the line, the link itself included. */
  const isLineBarred = (): boolean => {
    const { decision } = controls.view;
    return decision.kind === 'rest' && LINE_REASONS.includes(decision.because.kind);
  };

  /** What the controls say now is done. Asked again and again, it changes nothing. */
  const follow = (): void => {
    const { decision, settings } = controls.view;
    if (running === null) return;
    const { host, compute } = running;
    if (decision.kind === 'run') compute.setDuty(decision.duty);
    screen.want(wanted && settings.screenAwake && decision.kind === 'run');
    if (!wanted || host.state.kind === 'frozen') return;
    if (decision.kind === 'rest') {
      host.pause(isLineBarred());
      store.setResting(decision.because);
      if (decision.because.kind === 'hidden' && !lent) {
        lent = true;
        letGo(false);
      }
      return;
    }
    if (lent) {
      lent = false;
      void takeLock().then((taken) => {
        if (taken) follow();
      });
      return;
    }
    if (!holds) return;
    store.setResting(null);
    if (host.state.kind === 'paused') host.resume();
  };

  const end = (by: 'person' | 'refusal' | 'compute'): void => {
    void running?.compute.close();
    running = null;
    byeUrl = null;
    switchOff();
    controls.unwatch();
    letGo(by === 'person');
  };

  const switchOff = (): void => {
    wanted = false;
    lent = false;
    store.setResting(null);
    screen.want(false);
  };

  // Another tab may compute while this one is put away.
  const freeze = (closing: boolean): void => {
    if (running === null) return;
    running.host.freeze(closing);
    letGo(false);
  };
  const thaw = async (): Promise<void> => {
    const { state } = running?.host ?? {};
    if (state?.kind !== 'frozen') return;
    if ((state.then === 'stay-paused' && !wanted) || (await takeLock())) {
      running?.host.thaw();
      follow();
    }
  };

  // The page may vanish before the socket's last message is out: a beacon outlives it.
  const sayBye = (): void => {
    if (byeUrl !== null) navigator.sendBeacon(byeUrl);
  };
  window.addEventListener('pagehide', () => {
    if (running === null || running.host.state.kind === 'idle') return;
    freeze(true);
    sayBye();
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) void thaw();
  });
  document.addEventListener('freeze', () => {
    freeze(false);
  });
  document.addEventListener('resume', () => void thaw());
  window.addEventListener('online', () => {
    running?.host.retryNow();
  });

  let told = toldOf(controls.view.settings);
  let wishes = JSON.stringify(controls.view.settings.wishes);
  controls.subscribe(({ settings }) => {
    if (toldOf(settings) !== told) {
      told = toldOf(settings);
      running?.host.freeze(false);
      running?.host.thaw();
    }
    const wished = JSON.stringify(settings.wishes);
    if (wished !== wishes) {
      wishes = wished;
      running?.host.tellWishes();
    }
    follow();
  });

  return {
    store,
    controls,
    samples,
    async start() {
      if (starting) return;
      starting = true;
      wanted = true;
      try {
        if (await takeLock()) await begin();
      } catch (thrown) {
        giveUp(thrown);
      } finally {
        starting = false;
      }
    },
    pause() {
      switchOff();
      running?.host.pause();
      letGo(true);
    },
    async resume() {
      if (running === null) return;
      wanted = true;
      controls.takeBreak(0);
      if (!(await takeLock())) return;
      if (running?.host.state.kind === 'handing-over') running.host.resume();
      follow();
    },
    stop() {
      running?.host.stop();
    },
    handOver() {
      // What is in hand ends whatever the controls say meanwhile.
      wanted = false;
      running?.host.handOver();
    },
  };
}
