/** The Compute Pressure API, which Chromium has: how much the whole device has to do, at most once a second. */
import type { PressureState } from '../../volunteer/controls/signals.ts';
import type { Source } from './source.ts';

interface Observer {
  observe(source: 'cpu', options: { sampleInterval: number }): Promise<void>;
  disconnect(): void;
}
type ObserverClass = new (
  onRecords: (records: readonly { readonly state: PressureState }[]) => void,
) => Observer;

const SAMPLE_MS = 1_000;

export function pressureSource(): Source<PressureState> {
  const { PressureObserver } = globalThis as { PressureObserver?: ObserverClass };
  return {
    isAvailable: PressureObserver !== undefined,
    watch(onChange) {
      if (PressureObserver === undefined) return () => undefined;
      const observer = new PressureObserver((records) => {
        const last = records.at(-1);
        if (last !== undefined) onChange(last.state);
      });
      // A device without sensors refuses: the same as a browser without it.
      observer.observe('cpu', { sampleInterval: SAMPLE_MS }).catch(() => undefined);
      return () => {
        observer.disconnect();
      };
    },
  };
}
