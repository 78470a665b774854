/** What is stored is read again, and what cannot be read gives the defaults and says so. */
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_SETTINGS,
  PRESET_NAMES,
  changed,
  parseSettings,
  presetOf,
  withPreset,
} from './settings.ts';

describe('settings', () => {
  test('nothing stored: the defaults, and nothing is wrong', () => {
    expect(parseSettings(null)).toEqual({ settings: DEFAULT_SETTINGS, wasBroken: false });
  });

  test('what was stored comes back', () => {
    const settings = { ...withPreset(DEFAULT_SETTINGS, 'gentle'), dataCapMb: 50 };
    const text = JSON.stringify(settings);
    expect(parseSettings(text)).toEqual({ settings, wasBroken: false });
  });

  test('a record from before wishes wants all work, and nothing is lost of it', () => {
    const { wishes: _none, ...before } = { ...DEFAULT_SETTINGS, gpuPercent: 30 };
    expect(parseSettings(JSON.stringify(before))).toEqual({
      settings: { ...DEFAULT_SETTINGS, gpuPercent: 30 },
      wasBroken: false,
    });
  });

  test.each([
    'not JSON',
    'null',
    '{}',
    JSON.stringify({ ...DEFAULT_SETTINGS, version: 2 }),
    JSON.stringify({ ...DEFAULT_SETTINGS, gpuPercent: 0 }),
    JSON.stringify({ ...DEFAULT_SETTINGS, cpuPercent: 101 }),
    JSON.stringify({ ...DEFAULT_SETTINGS, schedule: { days: [true], from: 0, to: 1 } }),
    JSON.stringify({ ...DEFAULT_SETTINGS, more: 1 }),
  ])('%s cannot be read, and that is said', (text) => {
    expect(parseSettings(text)).toEqual({ settings: DEFAULT_SETTINGS, wasBroken: true });
  });

  test('a change beyond the limits changes nothing', () => {
    expect(changed(DEFAULT_SETTINGS, { gpuPercent: 4 })).toBe(DEFAULT_SETTINGS);
    expect(changed(DEFAULT_SETTINGS, { gpuPercent: 5 }).gpuPercent).toBe(5);
  });

  test('each preset is told from the others, and from what was changed by hand', () => {
    for (const name of PRESET_NAMES) {
      const settings = withPreset(DEFAULT_SETTINGS, name);
      expect(presetOf(settings)).toBe(name);
      expect(presetOf({ ...settings, inBackground: true })).toBe(name);
      expect(presetOf({ ...settings, gpuPercent: 33 })).toBeNull();
    }
    expect(presetOf(DEFAULT_SETTINGS)).toBe('balanced');
  });
});
