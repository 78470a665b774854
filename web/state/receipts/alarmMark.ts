/**
 * That an alarm about the public log is kept, where the page's first script can see it: what shows alarms is loaded by then
 * only where there is one.
 */
const MARK = 'idlewave:log-alarm';

export function hasAlarmMark(): boolean {
  try {
    return localStorage.getItem(MARK) !== null;
  } catch {
    return false;
  }
}

/** Where storage is switched off, an alarm is shown when the log is looked at. */
export function markAlarm(isRaised: boolean): void {
  try {
    if (isRaised) localStorage.setItem(MARK, '1');
    else localStorage.removeItem(MARK);
  } catch {
    return;
  }
}
