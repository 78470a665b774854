/** Which of the dictionary's sentences says why a tab rests, and what came of the controls. Pure. */
import type { ControlsView } from '../state/controls/volunteerControls.ts';
import type { Decision, RestReason } from '../volunteer/controls/decide.ts';
import type { Words } from './i18n/en.ts';
import type { StateWording } from './wording.ts';

/** What came of the chosen share; null before there is anything to say. */
export function dutyText({ duty }: Pick<ControlsView, 'duty'>, { controls }: Words): string | null {
  if (duty === null || duty.overMs < 2_000) return null;
  const isSoFar = duty.overMs < 55_000;
  const { gpuSoFar, gpuLately, cpuSoFar, cpuLately } = controls.duty;
  const [soFar, lately] = duty.kind === 'gpu' ? [gpuSoFar, gpuLately] : [cpuSoFar, cpuLately];
  const [measured, wanted] = [duty.share, duty.wanted].map((share) =>
    controls.percent(Math.round(share * 100)),
  );
  return (isSoFar ? soFar : lately)(measured!, wanted!);
}

export const dataText = (bytesToday: number, { controls, figures }: Words): string =>
  controls.dataToday(figures.fine(bytesToday / 1e6));

/** Why it works less than was chosen; null where it does not. */
export function slowedText(decision: Decision, { controls: { slowed } }: Words): string | null {
  if (decision.kind === 'rest') return null;
  const [inUse, pressure] = (['in-use', 'pressure'] as const).map((reason) =>
    decision.slowedBy.includes(reason),
  );
  if (inUse) return pressure ? slowed.both : slowed.inUse;
  return pressure ? slowed.pressure : null;
}

/** `nowMs`: since 1970. */
export const restWording = (reason: RestReason, nowMs: number, words: Words): StateWording => ({
  label: words.controls.resting.label,
  sentence: whyResting(reason, nowMs, words),
});

const DAY_MS = 86_400_000;

function whyResting(
  reason: RestReason,
  nowMs: number,
  { controls: { resting }, figures }: Words,
): string {
  switch (reason.kind) {
    case 'break':
      return resting.break(figures.clock(reason.untilMs));
    case 'schedule': {
      if (reason.untilMs === null) return resting.noDay;
      const time = figures.clock(reason.untilMs);
      // With its weekday where it is not within the next day.
      return reason.untilMs - nowMs < DAY_MS
        ? resting.notYet(time)
        : resting.notYetOn(figures.weekday(reason.untilMs), time);
    }
    case 'hidden':
      return resting.hidden;
    case 'in-use':
      return reason.untilMs === null
        ? resting.deviceInUse
        : resting.inUse(figures.clock(reason.untilMs));
    case 'battery':
      return reason.floorPercent === null
        ? resting.notCharging(reason.percent)
        : resting.battery(reason.percent, reason.floorPercent);
    case 'metered':
      return resting.metered;
    case 'data-cap':
      return resting.dataCap(reason.capMb);
    case 'pressure':
      return resting.pressure;
    default:
      return reason satisfies never;
  }
}
