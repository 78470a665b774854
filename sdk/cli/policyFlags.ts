/**
 * How a job is to be checked, from the flags `--verify`, `--most-wrong`, `--liars` and `--second-opinion`.
 */
import { Option, type Command } from 'commander';
import { MAX_QUORUM, MAX_SAMPLE_CHECKS } from '../../shared/limits.ts';
import { DEFAULT_SAMPLE_CHECKS, MAX_LIARS } from '../../shared/protocol/verification.ts';
import type { SubmitOptions } from '../submission.ts';
import { usageError } from './exitCode.ts';
import { parseInteger, parseShare } from './numbers.ts';
import { collect } from './rowInputs.ts';

export interface PolicyFlags {
  readonly verify?: readonly string[];
  readonly mostWrong?: string;
  readonly liars?: string;
  readonly secondOpinion?: 'contributors' | 'referee';
}

export const withPolicy = (command: Command): Command =>
  command
    .option(
      '--verify <policy>',
      'auto: the cheapest that meets --most-wrong (the default); sampled or sampled=CHECKS: secret samples, of which a volunteer must pass so many (else 1024); quorum=K agreeing ' +
        'volunteers; algebraic: each report by itself; exact: equal bytes, alone or beside one of them',
      collect,
    )
    .option('--most-wrong <share>', 'auto: items that may be wrong at most (else 0.5%)')
    .option('--liars <share>', 'auto: of all computing, what one group lies with (else 5%)')
    .addOption(
      new Option('--second-opinion <who>', 'who may be the second opinion').choices([
        'contributors',
        'referee',
      ]),
    );

type Policy = Pick<SubmitOptions, 'verification' | 'acceptance'>;
type Wish = NonNullable<SubmitOptions['verification']>;

/** One of `auto`, `sampled`, `quorum=K` and `algebraic`, and `exact` beside it or alone. */
export function policyOf(flags: PolicyFlags): Policy {
  const words = (flags.verify ?? []).flatMap((list) => list.split(','));
  const exact = words.includes('exact');
  const [word = 'auto', ...more] = words.filter((it) => it !== 'exact');
  if (more.length > 0) {
    throw usageError(
      `--verify: expected one of auto, sampled, quorum=K and algebraic\n  came: ${words.join(', ')}`,
    );
  }
  const verification = wishOf(word, flags);
  if (word !== 'auto') refuseBound(word, flags);
  if (word === 'algebraic' && (exact || flags.secondOpinion !== undefined)) {
    const came = exact ? 'exact' : '--second-opinion';
    throw usageError(
      `--verify algebraic: expected alone, because no two opinions are compared\n  came: with ${came}`,
    );
  }
  return exact ? { verification, acceptance: { kind: 'exact' } } : { verification };
}

function wishOf(word: string, { secondOpinion, mostWrong, liars }: PolicyFlags): Wish {
  const second = secondOpinion ?? 'contributors';
  const [kind, count] = word.split('=', 2);
  if (kind === 'quorum' && count !== undefined) {
    const quorum = parseInteger('--verify quorum', count, 1, MAX_QUORUM);
    return { kind, quorum, secondOpinion: second };
  }
  if (kind === 'sampled' && count !== undefined) {
    const checks = parseInteger(
      '--verify sampled=CHECKS',
      count,
      DEFAULT_SAMPLE_CHECKS,
      MAX_SAMPLE_CHECKS,
    );
    return { kind, checks, secondOpinion: second };
  }
  switch (word) {
    case 'auto':
      return {
        kind: 'auto',
        ...(mostWrong === undefined ? {} : { mostWrong: parseShare('--most-wrong', mostWrong, 1) }),
        ...(liars === undefined ? {} : { liars: parseShare('--liars', liars, MAX_LIARS) }),
        secondOpinion: second,
      };
    case 'sampled':
      return { kind: 'sampled', secondOpinion: second };
    case 'algebraic':
      return { kind: 'algebraic' };
    default:
      throw usageError(
        `--verify: expected auto, sampled or sampled=CHECKS, quorum=K (1 to ${MAX_QUORUM}), algebraic or exact\n  came: ${word}\n` +
          '  to do: leave it out for the cheapest that meets --most-wrong; --verify quorum=3 asks for three ' +
          'volunteers that agree; --verify sampled checks secret samples of every volunteer’s items; --verify ' +
          'algebraic checks every matrix product by itself; exact, alone or beside one of them, asks for equal bytes',
      );
  }
}

function refuseBound(word: string, { mostWrong, liars }: PolicyFlags): void {
  const flag = mostWrong === undefined ? '--liars' : '--most-wrong';
  if (mostWrong === undefined && liars === undefined) return;
  throw usageError(
    `${flag}: expected with --verify auto, which chooses by it\n  came: with --verify ${word}\n` +
      '  to do: leave one of the two out; --estimate shows the odds of every policy',
  );
}
