/** Codes that people type: Crockford's base32, 40 bits. */
import type { RandomBytes } from '../../shared/ids.ts';
import { LINK_CODE_CHARS } from '../../shared/protocol/account.ts';

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const makeCode = (random: RandomBytes): string =>
  [...random(LINK_CODE_CHARS)].map((byte) => LETTERS[byte % 32]!).join('');
