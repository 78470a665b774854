/**
 * What the visitor chose on this origin, kept in localStorage: to be resumed at the next visit.
 *
 * Invariant: `resumes` is true only when the visitor asked to be remembered and was computing when the page
 * was left; pausing or stopping takes it back.
 */
export interface Choice {
  readonly remember: boolean;
  readonly wasRunning: boolean;
}

const KEY = 'idlewave:choice';
const NONE: Choice = { remember: false, wasRunning: false };

export function readChoice(): Choice {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Choice>;
    return {
      remember: stored.remember === true,
      wasRunning: stored.wasRunning === true,
    };
  } catch {
    return NONE;
  }
}

/** A browser that keeps nothing simply asks again next time. */
export function writeChoice(choice: Choice): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(choice));
  } catch {
    return;
  }
}

export const resumes = (choice: Choice): boolean => choice.remember && choice.wasRunning;

const RESUME_ONCE_KEY = 'idlewave:resume-once';

/** After its next load, which the visitor asks for while it computes, this tab goes on. */
export function resumeOnce(): void {
  try {
    sessionStorage.setItem(RESUME_ONCE_KEY, 'yes');
  } catch {
    return;
  }
}

export function takeResumeOnce(): boolean {
  try {
    const isAsked = sessionStorage.getItem(RESUME_ONCE_KEY) !== null;
    sessionStorage.removeItem(RESUME_ONCE_KEY);
    return isAsked;
  } catch {
    return false;
  }
}
