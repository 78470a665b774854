/** What the pages beside the first one say, in English, and the account behind its click; see `en.ts`. */
import { account } from './en/account.ts';
import { community } from './en/community.ts';
import { gallery } from './en/gallery.ts';
import { help } from './en/help.ts';
import { badges, certificate, leaderboard, mine } from './en/history.ts';
import { jobs, network } from './en/network.ts';
import { publicLog, receipts } from './en/receipts.ts';
import { key } from './en/key.ts';
import { post } from './en/post.ts';
import { sites } from './en/sites.ts';
import { ready, seeing, session, wishes } from './en/work.ts';

export const enInner = {
  account,
  community,
  receipts,
  publicLog,
  mine,
  badges,
  certificate,
  leaderboard,
  network,
  jobs,
  sites,
  key,
  post,
  wishes,
  seeing,
  session,
  ready,
  gallery,
  help,
};

export type InnerWords = typeof enInner;
