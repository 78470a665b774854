/** Which of the dictionary's sentences says of a credit how it came about and where it went; and whom an id names. Pure. */
import type { CreditView } from '../../shared/protocol/receipts.ts';
import type { TeamRow } from '../../shared/protocol/sharing.ts';
import type { Figures } from './i18n/figures.ts';
import type { InnerWords } from './i18n/enInner.ts';

export const teamLine = (
  { name, members, maxMembers, join }: TeamRow,
  { community }: InnerWords,
): string =>
  (join === 'code' ? community.teamLineByCode : community.teamLine)(name, members, maxMembers);

/** Factor by factor. */
export function factorLines(
  { factors, items, probes = 0 }: CreditView,
  words: InnerWords,
  { credits, factor }: Figures,
): string[] {
  if (factors === undefined) return [];
  const { work, rate, quality, checks, uptime } = factors;
  const say = words.receipts.factors;
  const lines = [say.own(credits(BigInt(work)), items, factor(rate), factor(quality))];
  if (checks !== undefined)
    lines.push(say.checks(credits(BigInt(checks)), probes, factor(uptime ?? 100)));
  return lines;
}

/** Where parts of a credit went, and what was kept; empty where all was kept. */
export function shareLines(
  { shares = [], microCredits }: CreditView,
  { receipts }: InnerWords,
  { credits }: Figures,
): string[] {
  if (shares.length === 0) return [];
  const shared = shares.reduce((sum, share) => sum + BigInt(share.microCredits), 0n);
  const lines = shares.map((share) => {
    const [kind, id = ''] = share.to.split(':');
    const say = kind === 'team' ? receipts.toTeam : receipts.toSite;
    return say(credits(BigInt(share.microCredits)), id);
  });
  return [...lines, receipts.kept(credits(BigInt(microCredits) - shared))];
}

/** The account that was typed: an id alone says what it is of. Null where it is none. */
export function accountOf(typed: string): string | null {
  const text = typed.trim();
  if (/^(contributor|team|author|site):[A-Za-z0-9_.-]{1,100}$/.test(text)) return text;
  if (!/^[a-z]{1,10}_[A-Za-z0-9_]{1,90}$/.test(text))
    return text === 'operator' ? 'author:operator' : null;
  const kinds: Readonly<Record<string, string>> = {
    c: 'contributor',
    team: 'team',
    site: 'site',
    key: 'author',
  };
  const kind = kinds[text.slice(0, text.indexOf('_'))];
  return kind === undefined ? null : `${kind}:${text}`;
}
