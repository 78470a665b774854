/** One line for a blob that went up, or was there. */
import { formatBytes } from '../../shared/units.ts';
import type { UploadNotice } from '../calls.ts';

export function uploadText({ bytes, sent, resumedAt }: UploadNotice): string {
  if (!sent) return `${formatBytes(bytes)} are there already`;
  const before = resumedAt === 0 ? '' : `, ${formatBytes(resumedAt)} of it before`;
  return `Uploaded ${formatBytes(bytes)}${before}`;
}
