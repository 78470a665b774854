/** What the pages beside the first one say, in Spanish; see `enInner.ts`. */
import { account } from './es/account.ts';
import { community } from './es/community.ts';
import { gallery } from './es/gallery.ts';
import { help } from './es/help.ts';
import { badges, certificate, leaderboard, mine } from './es/history.ts';
import { jobs, network } from './es/network.ts';
import { publicLog, receipts } from './es/receipts.ts';
import { key } from './es/key.ts';
import { post } from './es/post.ts';
import { sites } from './es/sites.ts';
import { ready, seeing, session, wishes } from './es/work.ts';
import type { InnerWords } from './enInner.ts';

export const esInner: InnerWords = {
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
