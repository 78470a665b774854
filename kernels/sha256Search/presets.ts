/** sha256Search@1 in the gallery: "Idlewave" before the nonce, and a target that an item meets once or twice. */
import type { KernelExample, KernelPresets } from '../example.ts';

const PREFIX_HEX = '49646c6577617665';

const preset = (bits: number, items: number): KernelExample => ({
  params: { prefixHex: PREFIX_HEX, noncesPerItem: 2 ** bits, targetZeroBits: bits },
  items,
});

export const presets: KernelPresets = {
  small: preset(12, 8),
  medium: preset(15, 8),
  large: preset(17, 8),
};
