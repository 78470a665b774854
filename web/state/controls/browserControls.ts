/** The controls of a tab: the rules with the browser's storage, clock and signals, and the count of its data. */
import { SETTINGS_KEY } from '../../volunteer/controls/settings.ts';
import type { Clock } from '../../volunteer/ports.ts';
import { batterySource } from './battery.ts';
import { DataMeter } from './dataMeter.ts';
import { lineSource } from './line.ts';
import { localDayOf, localTimeOf } from './localTime.ts';
import { deviceUseSource, touchSource, visibilitySource } from './presence.ts';
import { pressureSource } from './pressure.ts';
import { storedText } from './storedText.ts';
import { VolunteerControls } from './volunteerControls.ts';

export function browserControls(clock: Clock): {
  readonly controls: VolunteerControls;
  readonly meter: DataMeter;
} {
  const meter = new DataMeter(
    storedText('idlewave:data'),
    () => localDayOf(new Date()),
    () => controls.look(),
  );
  window.addEventListener('pagehide', () => {
    meter.save();
  });
  const controls: VolunteerControls = new VolunteerControls({
    sources: {
      battery: batterySource(),
      pressure: pressureSource(),
      metered: lineSource(),
      visible: visibilitySource(),
      touch: touchSource(),
      deviceInUse: deviceUseSource(() => controls.view.settings.awayAfterMinutes * 60_000),
    },
    clock,
    localTime: () => localTimeOf(new Date()),
    settings: storedText(SETTINGS_KEY),
    breakUntil: storedText('idlewave:break-until'),
    bytesToday: () => meter.bytesToday,
  });
  return { controls, meter };
}
