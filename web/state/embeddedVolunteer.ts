/**
 * The volunteer of a widget's frame: for one site, with the share that its visitor agreed to, and with a key for this visit
 * alone where the browser keeps nothing in a frame of another page.
 */
import type { SiteView } from '../../shared/protocol/sharing.ts';
import { sessionIdentity } from '../volunteer/browserIdentity.ts';
import { browserAccount } from './browserAccount.ts';
import { browserVolunteer, type BrowserVolunteer } from './browserVolunteer.ts';

export interface EmbeddedVolunteer {
  readonly volunteer: BrowserVolunteer;
  /** False where the key, and the credit with it, goes when the page goes. */
  readonly isKept: boolean;
  /** What of the earnings goes to the site; resolves to what went wrong, for a person. */
  agree(percent: number): Promise<string | null>;
}

export interface EmbeddedOptions {
  readonly url: string;
  readonly site: SiteView['id'];
  readonly agent: string;
}

export async function embeddedVolunteer(options: EmbeddedOptions): Promise<EmbeddedVolunteer> {
  const { identity, isKept } = await sessionIdentity();
  const ofThis = () => Promise.resolve(identity);
  const account = browserAccount(options.url, options.site, ofThis);
  return {
    volunteer: browserVolunteer({ ...options, identity: ofThis }),
    isKept,
    async agree(percent) {
      await account.open();
      let teamPercent = 0;
      let failure: string | null = null;
      account.subscribe((state) => {
        if (state.kind === 'open') teamPercent = state.account.sharing.teamPercent;
        if (state.kind === 'failed') failure = state.text;
      })();
      return failure ?? account.act('share', { teamPercent, site: { id: options.site, percent } });
    },
  };
}
