/** A setting and its value in words, to be compared with another. Pure. */
import type { Settings } from '../volunteer/controls/settings.ts';
import type { SettingName } from '../volunteer/controls/settingsLink.ts';
import type { Words } from './i18n/en.ts';
import type { InnerWords } from './i18n/enInner.ts';
import { shortId } from './shortId.ts';

export const settingLabel = (
  name: SettingName,
  { controls }: Words,
  { wishes }: InnerWords,
): string => (name === 'wishes' ? wishes.title : controls.each[name].label);

export function settingText(
  name: SettingName,
  settings: Settings,
  { controls, figures }: Words,
  { ready, wishes }: InnerWords,
): string {
  const list = (parts: readonly string[]): string =>
    new Intl.ListFormat(figures.locale, { type: 'unit' }).format(parts);
  switch (name) {
    case 'gpuPercent':
    case 'cpuPercent':
    case 'batteryPercent':
      return figures.percent(settings[name] / 100);
    case 'awayAfterMinutes':
      return ready.minutes(settings[name]);
    case 'whenUsed':
      return controls.whenUsed[settings.whenUsed];
    case 'battery':
      return controls.battery[settings.battery];
    case 'yieldsToPressure':
    case 'onMeteredLine':
    case 'inBackground':
    case 'screenAwake':
    case 'tellsRegion':
      return settings[name] ? ready.yes : ready.no;
    case 'dataCapMb':
    case 'memoryCapMb': {
      const cap = settings[name];
      return cap === null ? ready.unlimited : figures.apart(`${figures.count(cap)} MB`);
    }
    case 'schedule': {
      if (settings.schedule === null) return ready.always;
      const { days, from, to } = settings.schedule;
      const chosen = controls.days.filter((_, i) => days[i]);
      return `${list(chosen)} ${figures.apart(`${timeText(from)}–${timeText(to)}`)}`;
    }
    case 'wishes': {
      const { kind, leastRatePercent, authors, jobs } = settings.wishes;
      const not = [...authors.not, ...jobs.not];
      const only = [...authors.only, ...jobs.only];
      return list([
        wishes.kinds[kind],
        ...(leastRatePercent > 0 ? [ready.leastRate(figures.count(leastRatePercent))] : []),
        ...(not.length > 0 ? [ready.not(list(not.map(shortId)))] : []),
        ...(only.length > 0 ? [ready.only(list(only.map(shortId)))] : []),
      ]);
    }
    default:
      return name satisfies never;
  }
}

const timeText = (minute: number): string =>
  [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
