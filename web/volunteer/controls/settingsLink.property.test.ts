/** Settings survive an address; whatever else stands there is nothing, and never settings beyond their limits. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_DATA_CAP_MB,
  MAX_SETTINGS_LINK_CHARS,
  MAX_WISHED_IDS,
} from '../../../shared/limits.ts';
import { DEFAULT_SETTINGS, GIVE_ALL, type Settings } from './settings.ts';
import { differencesOf, settingsFrom, settingsText } from './settingsLink.ts';

const id = fc.stringMatching(/^key_[0-9a-f]{32}$/);
const ids = fc.uniqueArray(id, { maxLength: 4 });
const anySettings: fc.Arbitrary<Settings> = fc
  .record({
    gpuPercent: fc.integer({ min: 5, max: 100 }),
    battery: fc.constantFrom('any', 'above', 'charging'),
    inBackground: fc.boolean(),
    dataCapMb: fc.option(fc.integer({ min: 10, max: MAX_DATA_CAP_MB })),
    schedule: fc.option(
      fc.record({
        days: fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }),
        from: fc.integer({ min: 0, max: 1439 }),
        to: fc.integer({ min: 0, max: 1439 }),
      }),
    ),
    wishes: fc.record({
      kind: fc.constantFrom('any', 'model', 'kernel'),
      authors: fc.record({ not: ids, only: ids }),
      jobs: fc.record({ not: ids, only: ids }),
      leastRatePercent: fc.integer({ min: 0, max: 10_000 }),
    }),
  })
  .map((part) => ({ ...DEFAULT_SETTINGS, ...part }));

const textOf = (said: unknown): string => btoa(JSON.stringify(said)).replace(/=+$/, '');

describe('settings in an address', () => {
  test('come back as they were, in letters that an address carries', () => {
    fc.assert(
      fc.property(anySettings, (settings) => {
        const text = settingsText(settings);
        expect(text).toMatch(/^[\w-]*$/);
        expect(settingsFrom(text)).toEqual(settings);
      }),
    );
  });

  test('the defaults are nothing; what differs is named', () => {
    expect(settingsText(DEFAULT_SETTINGS)).toBe('');
    expect(settingsFrom('')).toEqual(DEFAULT_SETTINGS);
    expect(differencesOf(DEFAULT_SETTINGS, { ...DEFAULT_SETTINGS, gpuPercent: 30 })).toEqual([
      'gpuPercent',
    ]);
    expect(differencesOf(GIVE_ALL, GIVE_ALL)).toEqual([]);
  });

  test('the longest that there can be fits', () => {
    const most = Array.from(
      { length: MAX_WISHED_IDS },
      (_, i) => `key_${String(i).padStart(32, '0')}`,
    );
    const both = { not: most, only: most };
    const settings = {
      ...GIVE_ALL,
      wishes: { ...GIVE_ALL.wishes, authors: both, jobs: both },
    };
    expect(settingsText(settings).length).toBeLessThanOrEqual(MAX_SETTINGS_LINK_CHARS);
    expect(settingsFrom(settingsText(settings))).toEqual(settings);
  });

  test.each([
    ['no base64', '!!!'],
    ['no JSON', btoa('nonsense').replace(/=+$/, '')],
    ['a list', textOf([1])],
    ['nothing', textOf(null)],
    ['a duty of zero', textOf({ gpuPercent: 0 })],
    ['a field more', textOf({ surplus: 1 })],
    ['another version', textOf({ version: 2 })],
    ['too long', 'a'.repeat(MAX_SETTINGS_LINK_CHARS + 1)],
  ])('%s is not read', (_, text) => {
    expect(settingsFrom(text)).toBeNull();
  });

  test('no text at all gives settings beyond the limits', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const settings = settingsFrom(text);
        if (settings !== null) expect(settingsFrom(settingsText(settings))).toEqual(settings);
      }),
    );
  });
});
