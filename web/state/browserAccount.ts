/**
 * The account of this browser's key as a page shows it: asked for when the page opens it, changed by its verbs.
 *
 * Nothing is made or asked for before `open`. A verb resolves to what went wrong, for a person; null where nothing did.
 */
import type { AccountView, LinkCodeView } from '../../shared/protocol/account.ts';
import { messageOf, type Result } from '../../shared/result.ts';
import {
  AccountClient,
  type AccountFailure,
  type FieldsOf,
  type SharingAction,
} from '../volunteer/account/accountClient.ts';
import { browserIdentity, forgetBrowserIdentity } from '../volunteer/browserIdentity.ts';
import type { Identity } from '../volunteer/ports.ts';

export type AccountState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly account: AccountView; readonly isPersistent: boolean }
  /** The key leads nowhere any more: removed, or the account deleted. */
  | { readonly kind: 'retired' }
  | { readonly kind: 'failed'; readonly text: string };

export interface BrowserAccount {
  /** The site through which the visitor came, where the address names one. */
  readonly site: string | null;
  /** Calls at once with the present state, then at every change; the result ends it. */
  subscribe(listener: (state: AccountState) => void): () => void;
  /** Also asks anew where it is open already. */
  open(): Promise<void>;
  rename(name: string | null): Promise<string | null>;
  setListed(listed: boolean): Promise<string | null>;
  removeDevice(device: string): Promise<string | null>;
  makeCode(): Promise<Result<LinkCodeView, string>>;
  link(code: string, deviceName: string): Promise<string | null>;
  /** Twelve words, known to nobody else; good for nothing before `setRecovery`. */
  makePhrase(): Promise<string>;
  setRecovery(phrase: string): Promise<string | null>;
  restore(phrase: string, deviceName: string): Promise<string | null>;
  /** About teams, shares and gifts. */
  act<A extends SharingAction>(action: A, fields: FieldsOf<A>): Promise<string | null>;
  /** The account and this browser's key are gone. */
  delete(): Promise<string | null>;
  /** Forgets a key that is retired; `open` then makes another. */
  beginAnew(): Promise<void>;
}

/** `url`: the coordinator's address. `identity`: of whose key; this browser's kept one where absent. */
export function browserAccount(
  url: string,
  site: string | null = null,
  identity: () => Promise<Identity> = browserIdentity,
): BrowserAccount {
  const { origin } = new URL(url);
  let state: AccountState = { kind: 'closed' };
  const listeners = new Set<(state: AccountState) => void>();
  const become = (next: AccountState): void => {
    state = next;
    for (const listener of listeners) listener(state);
  };

  const client = async (): Promise<AccountClient> =>
    new AccountClient({
      origin,
      signer: await identity(),
      fetch: (input, init) => fetch(input, init),
    });

  const showFailure = (failure: AccountFailure): void => {
    if (failure.code === 'key-retired') become({ kind: 'retired' });
  };

  /** Shows the account as it is then. */
  const change = async (
    ask: (client: AccountClient) => ReturnType<AccountClient['show']>,
  ): Promise<string | null> => {
    try {
      const answer = await ask(await client());
      if (answer.ok) {
        become({ kind: 'open', account: answer.value, isPersistent: await isPersistent() });
        return null;
      }
      showFailure(answer.error);
      return textOf(answer.error);
    } catch (thrown) {
      return `this browser cannot keep a key: ${messageOf(thrown)}`;
    }
  };

  /** The words are needed on few visits: their list is loaded only then. */
  const phrases = () => import('../volunteer/account/recoveryPhrase.ts');
  const withPhrase = async (
    phrase: string,
    ask: (client: AccountClient, key: SignerOf) => ReturnType<AccountClient['show']>,
  ): Promise<string | null> => {
    const signer = await (await phrases()).phraseSigner(phrase);
    return signer.ok ? change((it) => ask(it, signer.value)) : `${signer.error}`;
  };

  return {
    site,
    subscribe(listener) {
      listeners.add(listener);
      listener(state);
      return () => listeners.delete(listener);
    },
    async open() {
      if (state.kind !== 'open') become({ kind: 'opening' });
      const text = await change((it) => it.show());
      // A change that is under way may have told more since.
      if (text !== null && state.kind === 'opening') become({ kind: 'failed', text });
    },
    rename: (name) => change((it) => it.rename(name)),
    setListed: (listed) => change((it) => it.setListed(listed)),
    removeDevice: (device) => change((it) => it.removeDevice(device)),
    async makeCode() {
      const code = await (await client()).makeCode();
      return code.ok ? code : { ok: false, error: textOf(code.error) };
    },
    link: (code, deviceName) => change((it) => it.link(code, deviceName)),
    makePhrase: async () => (await phrases()).makePhrase(),
    setRecovery: (phrase) => withPhrase(phrase, (it, key) => it.setRecovery(key)),
    restore: (phrase, deviceName) => withPhrase(phrase, (it, key) => it.restore(key, deviceName)),
    act: (action, fields) => change((it) => it.act(action, fields)),
    async delete() {
      const answer = await (await client()).delete();
      if (!answer.ok) {
        showFailure(answer.error);
        return textOf(answer.error);
      }
      await forgetBrowserIdentity();
      become({ kind: 'closed' });
      return null;
    },
    async beginAnew() {
      await forgetBrowserIdentity();
      become({ kind: 'closed' });
    },
  };
}

type SignerOf = Parameters<AccountClient['setRecovery']>[0];

/** A sentence, and what to do. */
function textOf({ detail, fix }: AccountFailure): string {
  const sentences = [detail, ...(fix === undefined ? [] : [fix])];
  return sentences.map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`).join(' ');
}

/** Has the browser promised not to clear this origin's storage when space is short? */
async function isPersistent(): Promise<boolean> {
  try {
    return await navigator.storage.persisted();
  } catch {
    return false; // No secure context, or an old browser.
  }
}

/** Asks the browser for that promise; some ask the person. To be called on a click. */
export async function askForPersistence(): Promise<void> {
  try {
    if (!(await navigator.storage.persisted())) await navigator.storage.persist();
  } catch {
    // As above: the page says what then.
  }
}
