/** What the pages beside the first one say, in German; see `enInner.ts`. */
import { account } from './de/account.ts';
import { community } from './de/community.ts';
import { gallery } from './de/gallery.ts';
import { help } from './de/help.ts';
import { badges, certificate, leaderboard, mine } from './de/history.ts';
import { jobs, network } from './de/network.ts';
import { publicLog, receipts } from './de/receipts.ts';
import { key } from './de/key.ts';
import { post } from './de/post.ts';
import { sites } from './de/sites.ts';
import { ready, seeing, session, wishes } from './de/work.ts';
import type { InnerWords } from './enInner.ts';

export const deInner: InnerWords = {
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
