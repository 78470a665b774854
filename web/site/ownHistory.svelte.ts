/**
 * Whose page this is: the account that this browser's key leads to, else whom this tab computed as last.
 *
 * Nothing is asked for where the browser was never a contributor: a key is made by a click only.
 */
import type { AccountState, BrowserAccount } from '../state/browserAccount.ts';
import { readContributor } from './receiptsRoute.ts';

export class OwnContributor {
  account = $state.raw<AccountState>({ kind: 'closed' });
  readonly #known = readContributor();
  readonly #source: BrowserAccount;
  readonly #ofTab: () => string | null;

  /** `ofTab`: whom the tab computes as; null while it does not. */
  constructor(source: BrowserAccount, ofTab: () => string | null) {
    this.#source = source;
    this.#ofTab = ofTab;
  }

  /** Null where there is nobody yet. */
  get id(): string | null {
    if (this.account.kind === 'open') return this.account.account.contributor;
    return this.#ofTab() ?? this.#known;
  }

  get view() {
    return this.account.kind === 'open' ? this.account.account : null;
  }

  /** To be called when the page is there; the result ends it. */
  begin(): () => void {
    const end = this.#source.subscribe((next) => (this.account = next));
    if (this.id !== null) void this.#source.open();
    return end;
  }

  setListed(listed: boolean): Promise<string | null> {
    return this.#source.setListed(listed);
  }
}
