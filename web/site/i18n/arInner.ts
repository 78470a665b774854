/** What the pages beside the first one say, in Arabic; see `enInner.ts`. */
import { account } from './ar/account.ts';
import { community } from './ar/community.ts';
import { gallery } from './ar/gallery.ts';
import { help } from './ar/help.ts';
import { badges, certificate, leaderboard, mine } from './ar/history.ts';
import { jobs, network } from './ar/network.ts';
import { publicLog, receipts } from './ar/receipts.ts';
import { key } from './ar/key.ts';
import { post } from './ar/post.ts';
import { sites } from './ar/sites.ts';
import { ready, seeing, session, wishes } from './ar/work.ts';
import type { InnerWords } from './enInner.ts';

export const arInner: InnerWords = {
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
