/** Parts of the world, as time zones name them: as much as a volunteer may tell of where it is. */
import { z } from 'zod';

/** The areas of the IANA time zone database. */
export const REGIONS = [
  'africa',
  'america',
  'antarctica',
  'arctic',
  'asia',
  'atlantic',
  'australia',
  'europe',
  'indian',
  'pacific',
] as const;
export const regionSchema = z.enum(REGIONS);
export type Region = z.infer<typeof regionSchema>;

/** Of a zone such as `Europe/Berlin`; null for those that lie nowhere, such as `UTC`. */
export const regionOf = (timeZone: string): Region | null =>
  REGIONS.find((region) => timeZone.toLowerCase().startsWith(`${region}/`)) ?? null;
