/** The Battery Status API, which Chromium has. A desktop reports a battery that is full and charging. */
import type { Signals } from '../../volunteer/controls/signals.ts';
import type { Source } from './source.ts';

interface BatteryManager extends EventTarget {
  readonly charging: boolean;
  readonly level: number;
}

type Battery = NonNullable<Signals['battery']>;

export function batterySource(): Source<Battery> {
  const { getBattery } = navigator as { getBattery?: () => Promise<BatteryManager> };
  return {
    isAvailable: getBattery !== undefined,
    watch(onChange) {
      const ended = new AbortController();
      getBattery
        ?.call(navigator)
        .then((battery) => {
          if (ended.signal.aborted) return;
          const tell = (): void => {
            onChange({ charging: battery.charging, level: battery.level });
          };
          for (const name of ['chargingchange', 'levelchange']) {
            battery.addEventListener(name, tell, { signal: ended.signal });
          }
          tell();
        })
        // A permissions policy forbids it: the same as a browser without it.
        .catch(() => undefined);
      return () => {
        ended.abort();
      };
    },
  };
}
