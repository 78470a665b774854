/**
 * A volunteer in a browser tab: the host with the browser's socket, key, cache and worker put together, and
 * the page's life (hidden for good, frozen, online again, another tab) turned into host events.
 *
 * Nothing is opened or fetched before `start`: making a volunteer costs a page nothing.
 */
import { spawnComputeWorker } from '../compute/browserWorker.ts';
import { ComputeSupervisor } from '../compute/supervisor.ts';
import { messageOf } from '../../shared/result.ts';
import { browserBlobs } from './browserBlobs.ts';
import { browserRoutes } from './browserRoutes.ts';
import { volunteerStore, type VolunteerStore } from './volunteerStore.ts';
import { browserIdentity } from '../volunteer/browserIdentity.ts';
import { connectBrowserLink } from '../volunteer/browserSocket.ts';
import { browserTabLock } from '../volunteer/browserTabLock.ts';
import { Host } from '../volunteer/host.ts';
import type { Clock } from '../volunteer/ports.ts';

export interface BrowserVolunteer {
  readonly store: VolunteerStore;
  /** After the visitor's click. Does nothing where it is computing already. */
  start(): Promise<void>;
  pause(): void;
  resume(): Promise<void>;
  stop(): void;
  /** Finishes what is under way on its routes, so that nothing is lost, then stops. `resume` takes it back. */
  handOver(): void;
  /** Short GPU slices, and as much rest as work. Kept for a later start. */
  setPolite(polite: boolean): void;
}

export interface BrowserVolunteerOptions {
  /** The coordinator's address. */
  readonly url: string;
  readonly agent: string;
}

interface Running {
  readonly host: Host;
  readonly compute: ComputeSupervisor;
}

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
  let running: Running | null = null;
  let starting = false;
  let polite = false;
  const lock = browserTabLock();
  let byeUrl: string | null = null;

  const takeLock = async (): Promise<boolean> => {
    const taken = await lock.take();
    store.setElsewhere(!taken);
    return taken;
  };

  const compose = async (): Promise<Running> => {
    const identity = await browserIdentity();
    const compute = new ComputeSupervisor({
      spawn: spawnComputeWorker,
      nowMs: () => clock.nowMs(),
      after: (delayMs, fire) => clock.after(delayMs, fire),
    });
    const { blobs, swarms } = browserBlobs(options.url, clock, (event) => {
      store.apply(event);
    });
    const host = new Host(
      {
        url: options.url,
        connect: connectBrowserLink,
        compute,
        identity,
        blobs,
        clock,
        peers: browserRoutes(options.url),
        swarms,
        random: Math.random,
        agent: options.agent,
      },
      (event) => {
        if (event.type === 'welcomed') byeUrl = event.byeUrl;
        store.apply(event);
        if (event.type === 'state' && event.state.kind === 'stopped') end();
      },
    );
    compute.setPolite(polite);
    return { host, compute };
  };

  const end = (): void => {
    void running?.compute.close();
    running = null;
    byeUrl = null;
    lock.release();
  };

  // Another tab may compute while this one is put away.
  const freeze = (closing: boolean): void => {
    if (running === null) return;
    running.host.freeze(closing);
    lock.release();
  };
  const thaw = async (): Promise<void> => {
    const { state } = running?.host ?? {};
    if (state?.kind !== 'frozen') return;
    if (state.then === 'stay-paused' || (await takeLock())) running?.host.thaw();
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

  return {
    store,
    async start() {
      if (starting) return;
      starting = true;
      try {
        if (!(await takeLock())) return;
        running ??= await compose();
        // One of them fits: a new host, one that was put away, one that was paused.
        running.host.start();
        running.host.thaw();
        running.host.resume();
      } catch (thrown) {
        lock.release();
        const text = `this browser cannot take part: ${messageOf(thrown)}`;
        store.apply({ type: 'state', state: { kind: 'stopped', by: 'compute', text } });
      } finally {
        starting = false;
      }
    },
    pause() {
      running?.host.pause();
      lock.release();
    },
    async resume() {
      if (running !== null && (await takeLock())) running.host.resume();
    },
    stop() {
      running?.host.stop();
    },
    handOver() {
      running?.host.handOver();
    },
    setPolite(value) {
      polite = value;
      running?.compute.setPolite(value);
    },
  };
}
