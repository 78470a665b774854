/**
 * The answer of a confirmation window to the frame that opened it. Invariant: it is taken from that very window, of this
 * origin, and with the number that the frame gave it.
 */
import { oneOf } from '../messages.ts';

const NONCE = /^#confirm=([0-9a-f]{32})$/;
const TYPE = 'confirmed';

interface Confirmation {
  readonly type: typeof TYPE;
  readonly nonce: string;
}

export const nonceOf = (hash: string): string | null => NONCE.exec(hash)?.[1] ?? null;

export const confirmation = (nonce: string): Confirmation => ({ type: TYPE, nonce });

/** Opens the window, in the click that asks for it; `onAnswer` once. Null where the browser blocks it. */
export function askInWindow(site: string, onAnswer: () => void): (() => void) | null {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const nonce = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const url = `/widget/?site=${encodeURIComponent(site)}#confirm=${nonce}`;
  const opened = window.open(url, '_blank', 'popup,width=460,height=520');
  if (opened === null) return null;
  const ended = new AbortController();
  window.addEventListener(
    'message',
    ({ origin, source, data }) => {
      const answer = data as Partial<Confirmation> | null;
      if (origin !== location.origin || source !== opened) return;
      if (oneOf([TYPE], answer?.type) === null || answer?.nonce !== nonce) return;
      ended.abort();
      onAnswer();
    },
    { signal: ended.signal },
  );
  return () => {
    ended.abort();
  };
}
