/** The wall clock as the rules have it: this moment, and where it is in the local day and week. */
import { WEEK_MS } from '../../volunteer/controls/settings.ts';
import type { Signals } from '../../volunteer/controls/signals.ts';

export type LocalTime = Pick<Signals, 'wallMs' | 'weekMs' | 'toMidnightMs'>;

export function localTimeOf(date: Date): LocalTime {
  const midnight = new Date(date);
  midnight.setHours(24, 0, 0, 0);
  const sinceMidnightMs =
    ((date.getHours() * 60 + date.getMinutes()) * 60 + date.getSeconds()) * 1_000 +
    date.getMilliseconds();
  const day = (date.getDay() + 6) % 7;
  return {
    wallMs: date.getTime(),
    weekMs: (day * (WEEK_MS / 7) + sinceMidnightMs) % WEEK_MS,
    toMidnightMs: midnight.getTime() - date.getTime(),
  };
}

/** Names the local day. */
export const localDayOf = (date: Date): string =>
  `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
