/** What this device is called until its person names it: the kind of system, as far as the browser says. */
import type { InnerWords } from './i18n/enInner.ts';

type SystemNames = InnerWords['account']['systems'];

const SYSTEMS: readonly (readonly [RegExp, keyof SystemNames])[] = [
  [/android/i, 'android'],
  [/iphone|ipad/i, 'ios'],
  [/mac/i, 'mac'],
  [/win/i, 'windows'],
  [/cros/i, 'chromebook'],
  [/linux/i, 'linux'],
];

export const deviceName = (names: SystemNames, userAgent: string = navigator.userAgent): string =>
  names[SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'other'];
