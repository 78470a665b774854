/**
 * What a process keeps in memory, from /proc: Linux only.
 */
import { readFileSync } from 'node:fs';

/** `VmRSS`: resident now; `VmHWM`: the most it ever was. */
export function memoryBytes(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) * 1024;
}
