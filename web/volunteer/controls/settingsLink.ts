/**
 * Settings as text for an address, and back: only what differs from the defaults, in base64url. Pure.
 *
 * Invariant: what is read back is within the limits, or is nothing at all. Whoever follows such an address is shown what
 * it would change; nothing here changes anything.
 */
import { MAX_SETTINGS_LINK_CHARS } from '../../../shared/limits.ts';
import { DEFAULT_SETTINGS, parseSettings, type Settings } from './settings.ts';

export type SettingName = Exclude<keyof Settings, 'version'>;

export const SETTING_NAMES = Object.keys(DEFAULT_SETTINGS).filter(
  (name): name is SettingName => name !== 'version',
);

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Settings in which two differ, in the order of the panel. */
export const differencesOf = (a: Settings, b: Settings): SettingName[] =>
  SETTING_NAMES.filter((name) => !isSame(a[name], b[name]));

/** Empty for the defaults. */
export function settingsText(settings: Settings): string {
  const names = differencesOf(settings, DEFAULT_SETTINGS);
  if (names.length === 0) return '';
  const bytes = new TextEncoder().encode(
    JSON.stringify({
      version: settings.version,
      ...Object.fromEntries(names.map((name) => [name, settings[name]])),
    }),
  );
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** Null where it cannot be read, or is not within the limits. */
export function settingsFrom(text: string): Settings | null {
  if (text === '') return DEFAULT_SETTINGS;
  if (text.length > MAX_SETTINGS_LINK_CHARS || !/^[\w-]+$/.test(text)) return null;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const said: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof said !== 'object' || said === null || Array.isArray(said)) return null;
    const read = parseSettings(JSON.stringify({ ...DEFAULT_SETTINGS, ...said }));
    return read.wasBroken ? null : read.settings;
  } catch {
    return null;
  }
}
