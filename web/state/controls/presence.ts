/**
 * Whether somebody is there: this page's own input, its visibility, and the whole device where the person let it know
 * (Idle Detection, which Chromium has).
 */
import type { Source } from './source.ts';

/** More often it would tell nothing new. */
const TOUCH_MS = 1_000;
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

/** The wall-clock time of each touch. */
export function touchSource(): Source<number> {
  return {
    isAvailable: true,
    watch(onChange) {
      const ended = new AbortController();
      let lastMs = -Infinity;
      const touched = (): void => {
        const now = Date.now();
        if (Math.abs(now - lastMs) < TOUCH_MS) return;
        lastMs = now;
        onChange(now);
      };
      for (const name of TOUCHES) {
        const options = { passive: true, capture: true, signal: ended.signal };
        window.addEventListener(name, touched, options);
      }
      // The click that led here came before anybody listened.
      const { userActivation } = navigator as { userActivation?: { isActive: boolean } };
      if (userActivation?.isActive === true) touched();
      return () => {
        ended.abort();
      };
    },
  };
}

export function visibilitySource(): Source<boolean> {
  return {
    isAvailable: true,
    watch(onChange) {
      const tell = (): void => {
        onChange(document.visibilityState === 'visible');
      };
      document.addEventListener('visibilitychange', tell);
      tell();
      return () => {
        document.removeEventListener('visibilitychange', tell);
      };
    },
  };
}

interface Detector extends EventTarget {
  readonly userState: 'active' | 'idle' | null;
  readonly screenState: 'locked' | 'unlocked' | null;
  start(options: { threshold: number; signal: AbortSignal }): Promise<void>;
}
type DetectorClass = (new () => Detector) & {
  requestPermission(): Promise<'granted' | 'denied'>;
};
/** A frame of another page is not asked: no page hands it on to the widget, and asking leaves an error on its console. */
const detectorClass = (): DetectorClass | undefined =>
  window === window.top ? (globalThis as { IdleDetector?: DetectorClass }).IdleDetector : undefined;

/** The shortest that browsers take. */
const MIN_THRESHOLD_MS = 60_000;

/** Whether the person has let this page know before: a detector that is only made keeps it out of the back-forward cache. */
async function isIdleDetectionGranted(): Promise<boolean> {
  try {
    const name = 'idle-detection' as PermissionName;
    return (await navigator.permissions.query({ name })).state === 'granted';
  } catch {
    return false;
  }
}

/** Whether the device is in use. Says nothing before the person has allowed it (`askForIdleDetection`). */
export function deviceUseSource(awayAfterMs: () => number): Source<boolean> {
  const IdleDetector = detectorClass();
  const start = async (
    Detector: DetectorClass,
    onChange: (inUse: boolean) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    if (!(await isIdleDetectionGranted()) || signal.aborted) return;
    const detector = new Detector();
    const tell = (): void => {
      onChange(detector.userState === 'active' && detector.screenState !== 'locked');
    };
    detector.addEventListener('change', tell, { signal });
    await detector.start({ threshold: Math.max(awayAfterMs(), MIN_THRESHOLD_MS), signal });
  };
  return {
    isAvailable: IdleDetector !== undefined,
    watch(onChange) {
      const ended = new AbortController();
      // Taken back or not allowed after all: this page's own input is all there is.
      if (IdleDetector !== undefined)
        start(IdleDetector, onChange, ended.signal).catch(() => undefined);
      return () => {
        ended.abort();
      };
    },
  };
}

/** In a click's handler. */
export async function askForIdleDetection(): Promise<boolean> {
  try {
    return (await detectorClass()?.requestPermission()) === 'granted';
  } catch {
    return false;
  }
}
