/** Every setting has words for what it is, and settings that differ never read the same. */
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS, GIVE_ALL, type Settings } from '../volunteer/controls/settings.ts';
import { SETTING_NAMES, differencesOf } from '../volunteer/controls/settingsLink.ts';
import { en } from './i18n/en.ts';
import { enInner } from './i18n/enInner.ts';
import { settingLabel, settingText } from './settingWording.ts';

const textOf = (settings: Settings) => (name: (typeof SETTING_NAMES)[number]) =>
  settingText(name, settings, en, enInner);

const OTHER: Settings = {
  ...GIVE_ALL,
  awayAfterMinutes: 9,
  batteryPercent: 33,
  screenAwake: true,
  tellsRegion: true,
  schedule: {
    days: [true, false, false, false, false, true, false],
    from: 22 * 60,
    to: 7 * 60 + 5,
  },
  dataCapMb: 500,
  memoryCapMb: 512,
  wishes: {
    kind: 'model',
    authors: { not: ['key_0123456789abcdef'], only: [] },
    jobs: { not: [], only: ['job_1'] },
    leastRatePercent: 150,
  },
};

test('every setting differs here, and reads differently', () => {
  expect(differencesOf(DEFAULT_SETTINGS, OTHER)).toEqual(SETTING_NAMES);
  for (const name of SETTING_NAMES) {
    expect(textOf(OTHER)(name), name).not.toBe(textOf(DEFAULT_SETTINGS)(name));
    expect(textOf(DEFAULT_SETTINGS)(name).length).toBeGreaterThan(0);
    expect(settingLabel(name, en, enInner).length).toBeGreaterThan(0);
  }
});

test('hours, caps and wishes as a person reads them', () => {
  const text = textOf(OTHER);
  expect(text('schedule')).toBe('Mon, Sat 22:00–07:05');
  expect(text('memoryCapMb')).toBe('512 MB');
  expect(text('wishes')).toBe(
    'Models only (ONNX: images, text, numbers), at least 150 % of the list price, not key_01234567…, only job_1',
  );
});
