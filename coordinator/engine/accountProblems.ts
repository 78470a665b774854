/** Why a change of an account is refused. */
import { MAX_DEVICES_PER_ACCOUNT } from '../../shared/limits.ts';
import type { Problem } from '../../shared/protocol/problem.ts';

export const KEY_RETIRED: Problem = {
  code: 'key-retired',
  detail: 'this device was removed from its account, or the account was deleted',
  fix: 'begin anew on this device: it gets a new key, which can be linked again',
};

export const RECOVERY_ONLY: Problem = {
  code: 'not-allowed',
  detail: 'the key of a recovery phrase links devices, and does nothing else',
  fix: 'link this device by the phrase; it then acts with its own key',
};

export const ALREADY_LINKED: Problem = {
  code: 'already-linked',
  detail: 'this device belongs to an account already',
  fix: 'remove it there first; it then begins anew and can be linked',
};

export const HAS_DEVICES: Problem = {
  code: 'account-has-devices',
  detail: 'this device’s own account has other devices',
  expected: 'a device that is alone on its account',
  fix: 'link those devices to the other account one by one, or remove them here first',
};

export const TOO_MANY_DEVICES: Problem = {
  code: 'too-many-devices',
  detail: 'the account has as many devices as it may',
  expected: `at most ${MAX_DEVICES_PER_ACCOUNT}, the recovery phrase among them`,
  fix: 'remove one that is not used any more',
};

export const DELETED: Problem = {
  code: 'link-code-unknown',
  detail: 'the account of this code was deleted',
};

export const NO_SUCH_DEVICE: Problem = {
  code: 'not-found',
  detail: 'the account has no such device',
};

export const LAST_DEVICE: Problem = {
  code: 'last-device',
  detail: 'this is the account’s last device: nobody could use the account any more',
  fix: 'link another device first, or delete the account',
};

export const RECOVERY_TAKEN: Problem = {
  code: 'already-linked',
  detail: 'the key of this phrase is in use already',
  fix: 'make a new phrase',
};

export const RECOVERY_UNKNOWN: Problem = {
  code: 'recovery-unknown',
  detail: 'no account has this recovery phrase',
  expected: 'the newest phrase of an account that was not deleted',
  fix: 'check the words and their order; a newer phrase replaces an older one',
};
