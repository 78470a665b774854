/**
 * What a volunteer allows this tab to do: one versioned record, its limits and defaults, and the presets.
 *
 * Pure data: where it is kept and what it leads to stand elsewhere. Invariant: what `parseSettings` gives is within its
 * limits, whatever was stored; a record that cannot be read gives the defaults, and says so.
 */
import { z } from 'zod';
import { ALL_WORK, wishesSchema } from '../../../shared/protocol/wishes.ts';
import {
  MAX_AWAY_MINUTES,
  MAX_DATA_CAP_MB,
  MAX_MEMORY_CAP_MB,
  MIN_DATA_CAP_MB,
  MIN_DUTY_PERCENT,
  MIN_MEMORY_CAP_MB,
} from '../../../shared/limits.ts';

export const DAY_MINUTES = 24 * 60;
const WEEK_DAYS = 7;
/** Of local time, from Monday 00:00. */
export const WEEK_MS = WEEK_DAYS * DAY_MINUTES * 60_000;

const dutyPercent = z.number().int().min(MIN_DUTY_PERCENT).max(100);
const minuteOfDay = z
  .number()
  .int()
  .min(0)
  .max(DAY_MINUTES - 1);

/** A time of the week in which it may work. `from` equal to `to` is a whole day; past midnight where `to` is earlier. */
const scheduleSchema = z.strictObject({
  /** Monday first: the days on which it begins. */
  days: z.array(z.boolean()).length(WEEK_DAYS),
  from: minuteOfDay,
  to: minuteOfDay,
});
export type Schedule = z.infer<typeof scheduleSchema>;

/** Raised when a stored record means something else than before. */
const SETTINGS_VERSION = 1;

const settingsSchema = z.strictObject({
  version: z.literal(SETTINGS_VERSION),
  /** Of the time, how much is work. */
  gpuPercent: dutyPercent,
  cpuPercent: dutyPercent,
  /** What it does while somebody uses the device, as far as the browser tells. */
  whenUsed: z.enum(['same', 'slow', 'rest']),
  /** For `rest`: away after so many minutes without a touch. */
  awayAfterMinutes: z.number().int().min(1).max(MAX_AWAY_MINUTES),
  battery: z.enum(['any', 'above', 'charging']),
  /** For `above`: it rests at this charge and below. */
  batteryPercent: z.number().int().min(5).max(95),
  yieldsToPressure: z.boolean(),
  onMeteredLine: z.boolean(),
  inBackground: z.boolean(),
  screenAwake: z.boolean(),
  /** Null: always. */
  schedule: scheduleSchema.nullable(),
  /** Megabytes (10^6 bytes) up and down on one local day; null: no cap. */
  dataCapMb: z.number().int().min(MIN_DATA_CAP_MB).max(MAX_DATA_CAP_MB).nullable(),
  /** Megabytes for one program and its items; null: what the tab finds reasonable. */
  memoryCapMb: z.number().int().min(MIN_MEMORY_CAP_MB).max(MAX_MEMORY_CAP_MB).nullable(),
  /** The part of the world may be counted among the network's. Records from before there was a choice say no. */
  tellsRegion: z.boolean().default(false),
  /** What it computes. Records from before there was a choice have none. */
  wishes: wishesSchema.default(ALL_WORK),
});
export type Settings = z.infer<typeof settingsSchema>;

export type PresetName = 'gentle' | 'balanced' | 'all';
type PresetSettings = Pick<
  Settings,
  'gpuPercent' | 'cpuPercent' | 'whenUsed' | 'battery' | 'batteryPercent' | 'yieldsToPressure'
>;

/** What a preset sets; everything else stays as it was chosen. */
export const PRESETS: Readonly<Record<PresetName, PresetSettings>> = {
  gentle: {
    gpuPercent: 25,
    cpuPercent: 25,
    whenUsed: 'slow',
    battery: 'charging',
    batteryPercent: 50,
    yieldsToPressure: true,
  },
  balanced: {
    gpuPercent: 50,
    cpuPercent: 50,
    whenUsed: 'slow',
    battery: 'above',
    batteryPercent: 50,
    yieldsToPressure: true,
  },
  all: {
    gpuPercent: 100,
    cpuPercent: 100,
    whenUsed: 'same',
    battery: 'any',
    batteryPercent: 50,
    yieldsToPressure: false,
  },
};
export const PRESET_NAMES: readonly PresetName[] = ['gentle', 'balanced', 'all'];

/** Modest: half of the time, and only while the tab is seen. */
export const DEFAULT_SETTINGS: Settings = {
  version: SETTINGS_VERSION,
  ...PRESETS.balanced,
  awayAfterMinutes: 5,
  onMeteredLine: false,
  inBackground: false,
  screenAwake: false,
  schedule: null,
  dataCapMb: null,
  memoryCapMb: null,
  tellsRegion: false,
  wishes: ALL_WORK,
};

/** The key of the browser's storage that the record is kept under. */
export const SETTINGS_KEY = 'idlewave:controls';

/** Of a device that is there for nothing else: tests, benchmarks, an operator's own volunteers. */
export const GIVE_ALL: Settings = {
  ...DEFAULT_SETTINGS,
  ...PRESETS.all,
  onMeteredLine: true,
  inBackground: true,
};

export const withPreset = (settings: Settings, name: PresetName): Settings => ({
  ...settings,
  ...PRESETS[name],
});

/** The preset that these settings are; null where a person has changed one of its numbers. */
export function presetOf(settings: Settings): PresetName | null {
  const isThis = (name: PresetName): boolean =>
    Object.entries(PRESETS[name]).every(
      ([key, value]) => settings[key as keyof PresetSettings] === value,
    );
  return PRESET_NAMES.find(isThis) ?? null;
}

export interface ReadSettings {
  readonly settings: Settings;
  /** Something was stored, and could not be read. */
  readonly wasBroken: boolean;
}

/** `text` as it was stored; null where nothing is. */
export function parseSettings(text: string | null): ReadSettings {
  if (text === null) return { settings: DEFAULT_SETTINGS, wasBroken: false };
  try {
    const parsed = settingsSchema.safeParse(JSON.parse(text));
    if (parsed.success) return { settings: parsed.data, wasBroken: false };
  } catch {
    // Not even JSON.
  }
  return { settings: DEFAULT_SETTINGS, wasBroken: true };
}

/** `change` applied where that is within the limits; the settings as they were where it is not. */
export function changed(settings: Settings, change: Partial<Settings>): Settings {
  const parsed = settingsSchema.safeParse({ ...settings, ...change });
  return parsed.success ? parsed.data : settings;
}
