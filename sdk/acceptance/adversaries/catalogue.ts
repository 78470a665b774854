/**
 * The 53 adversaries of the reference, by number: what finds each, what is done about it, and which test shows it in
 * the running system, or why none can yet.
 *
 * `docs/adversaries.md` is made from this, and `catalogue.test.ts` holds both against the tests' own titles.
 */
export interface Adversary {
  readonly number: number;
  readonly name: string;
  readonly caughtBy: string;
  readonly response: string;
  readonly test: Covered | NotYet;
}

interface Covered {
  readonly kind: 'covered';
  /** In this folder; its title begins with the number. */
  readonly file: string;
  /** What of it no test can show yet, and what will bring it. */
  readonly missing?: string;
}

interface NotYet {
  readonly kind: 'not-yet';
  readonly reason: string;
}

const SAMPLES = 'probes and blind samples, settled by the referee';
const FREIVALDS = 'Freivalds’ projections of every output';
const STRUCTURE = 'structural gate';
const EJECTED = 'reports refused, ejected from the program';
const REFUSED = 'report refused, done again by another';

const by = (
  number: number,
  name: string,
  caughtBy: string,
  response: string,
  file: string,
  missing?: string,
): Adversary => ({
  number,
  name,
  caughtBy,
  response,
  test: { kind: 'covered', file, ...(missing === undefined ? {} : { missing }) },
});

const notYet = (number: number, name: string, caughtBy: string, reason: string): Adversary => ({
  number,
  name,
  caughtBy,
  response: '–',
  test: { kind: 'not-yet', reason },
});

const NO_TRAINING =
  'no program trains a model, and none is planned: there are no gradients to send';
const LAZY = 'lazy.test.ts';
const RARE = 'rare.test.ts';
const DOWNGRADE = 'downgrade.test.ts';
const MATRICES = 'matrices.test.ts';
const COLLUSION = 'collusion.test.ts';
const IDENTITY = 'identity.test.ts';
const PAYLOAD = 'payload.test.ts';
const LEASES = 'leases.test.ts';
const COMMITMENTS = 'commitments.test.ts';
const CLASSES = 'classes.test.ts';
const ROUTES = 'routes.test.ts';

export const CATALOGUE: readonly Adversary[] = [
  by(1, 'returns zeros or a constant', SAMPLES, EJECTED, LAZY),
  by(2, 'returns noise with the right mean and variance', SAMPLES, EJECTED, LAZY),
  by(3, 'computes nine tenths, makes the rest up', SAMPLES, EJECTED, RARE),
  by(4, 'makes up one report in twenty', SAMPLES, EJECTED, RARE),
  by(5, 'one wrong item in every report', SAMPLES, 'each report that is found is refused', RARE),
  by(6, 'one element of one product is off', FREIVALDS, REFUSED, MATRICES),
  by(7, 'two opposite errors in one row', FREIVALDS, REFUSED, MATRICES),
  by(8, 'flips the sign', `${SAMPLES}; ${FREIVALDS}`, EJECTED, DOWNGRADE),
  by(9, 'scales by 1.01', `relative L2; ${SAMPLES}`, EJECTED, DOWNGRADE),
  by(10, 'farms the tolerance of one element', `relative L2; ${SAMPLES}`, EJECTED, DOWNGRADE),
  by(11, 'flips labels of small margin', `label rule; ${SAMPLES}`, EJECTED, DOWNGRADE),
  by(
    12,
    'f16 instead of f32',
    SAMPLES,
    'refused; a whole class of devices is quarantined',
    CLASSES,
  ),
  by(13, 'weights of 8 or 4 bits', SAMPLES, EJECTED, DOWNGRADE),
  by(14, 'another model of the same shapes', SAMPLES, EJECTED, DOWNGRADE),
  by(
    15,
    'drops a layer',
    SAMPLES,
    EJECTED,
    DOWNGRADE,
    'early exit of a stage of a route (its outputs are refereed as those of 49)',
  ),
  by(
    16,
    'truncates its inputs',
    SAMPLES,
    EJECTED,
    DOWNGRADE,
    'truncation of token sequences: no program here has any',
  ),
  by(
    17,
    'replays an older result of its own',
    'assignment and nonce in the commitment',
    REFUSED,
    COMMITMENTS,
  ),
  by(18, 'result of another shard', `${STRUCTURE}; ${SAMPLES}`, EJECTED, PAYLOAD),
  by(19, 'copies a peer’s result', 'commitment before anything is shown', REFUSED, COMMITMENTS),
  by(
    20,
    'a pair with the same wrong values',
    `no item twice in a cohort; ${SAMPLES}`,
    EJECTED,
    COLLUSION,
  ),
  by(
    21,
    'a checker that covers up for another',
    'blind samples, and probes of others',
    'the one that is covered is ejected, nothing of it stands',
    COLLUSION,
    'that the checker is found too (what an ejected one vouched for is checked again)',
  ),
  by(22, 'accuses others of wrong values', 'referee, item by item', EJECTED, COLLUSION),
  by(
    23,
    'a flood of new names',
    `${SAMPLES} from the first report on; links of one address, and leases of one cohort’s newcomers, are bounded`,
    REFUSED,
    IDENTITY,
  ),
  by(
    24,
    'claims a rare device',
    'who checks whom does not depend on the device',
    EJECTED,
    COLLUSION,
  ),
  by(25, 'builds trust, then betrays', `${SAMPLES}, whose rate is never 0`, EJECTED, RARE),
  by(26, 'honest on one kind of work only', `streams apart; ${SAMPLES}`, EJECTED, RARE),
  by(
    27,
    'disconnects when it is challenged',
    'a challenge without an answer',
    'counted as wrong',
    COMMITMENTS,
  ),
  by(28, 'many commitments for one assignment', 'one commitment each', 'refused', COMMITMENTS),
  by(29, 'opens something else than it committed to', 'Merkle paths', 'refused', COMMITMENTS),
  by(30, 'recognises items that it has seen', 'none comes twice; overlaps', EJECTED, COLLUSION),
  by(
    31,
    'guesses which items are probes',
    'probes look like all items',
    'AUC below 0.55',
    COLLUSION,
  ),
  by(32, 'NaN and infinities', STRUCTURE, 'refused, no strike', PAYLOAD),
  by(
    33,
    'minus zero, subnormal and huge numbers',
    `${FREIVALDS}; ${SAMPLES}`,
    'zero accepted, huge refused',
    MATRICES,
  ),
  by(34, 'oversized payloads', 'byte limits before decoding', 'link cut', PAYLOAD),
  by(35, 'another dtype, shape or order of bytes', `${STRUCTURE}; ${SAMPLES}`, 'refused', PAYLOAD),
  by(
    36,
    'holds leases',
    'leases end',
    'done by another, no credit',
    LEASES,
    'who tells progress renews its lease for an hour; no second copy is started beside it',
  ),
  by(37, 'reports when its work is another’s', 'leases end', 'refused, paid once', LEASES),
  by(38, 'older protocol or model', `versions in the hello; ${SAMPLES}`, 'told to update', PAYLOAD),
  by(39, 'tampered engine', `${SAMPLES}; ${FREIVALDS}`, EJECTED, DOWNGRADE),
  by(
    40,
    'claims to be a trusted build',
    `claims count for nothing; ${SAMPLES}`,
    EJECTED,
    DOWNGRADE,
  ),
  by(41, 'honest hardware that fails once', SAMPLES, 'done again; closer checks, no ban', RARE),
  by(
    42,
    'a class of devices with one defect',
    'clusters of mismatches',
    'class quarantined',
    CLASSES,
  ),
  by(
    43,
    'hardware that fails ever more often',
    SAMPLES,
    EJECTED,
    RARE,
    'a way back: who is ejected from a program stays so',
  ),
  by(44, 'lies about its clock', 'credit comes from the work', 'no effect', IDENTITY),
  by(45, 'one job in two tabs', 'one shard, one contributor', 'one credit', IDENTITY),
  by(
    46,
    'author and volunteer at once',
    'unchecked reports earn no trust, trivial items none elsewhere',
    'checked like a new one',
    IDENTITY,
    'accounts of authors (issue 5): credit for own unchecked work comes from nobody',
  ),
  notYet(47, 'gradients flipped, scaled, or a little off', 'clipping, trimmed means', NO_TRAINING),
  notYet(48, 'copies a peer’s gradient', 'commitments, correlation', NO_TRAINING),
  by(
    49,
    'a stage that passes its input through',
    'rows of its inputs and outputs that it must show, computed by the referee',
    'named, ejected; the other stages are paid',
    ROUTES,
  ),
  by(
    50,
    'messages that crash a parser',
    'parsers; threads of their own',
    'refused, link cut',
    PAYLOAD,
  ),
  by(51, 'opens fewer than it was asked for', 'exact count', 'counted as wrong', COMMITMENTS),
  by(52, 'secrets that can be foreseen', 'cryptographic randomness', 'build fails', COMMITMENTS),
  by(53, 'noise that slowly grows', 'capped recalibration', 'tolerance does not grow', CLASSES),
];

/** `docs/adversaries.md`, whole. */
export function catalogueText(): string {
  const rows = CATALOGUE.map(({ number, name, caughtBy, response, test }) => {
    const where = test.kind === 'covered' ? `\`${test.file}\`` : `not yet: ${test.reason}`;
    const missing = test.kind === 'covered' && test.missing !== undefined ? test.missing : '';
    return `| ${number} | ${name} | ${caughtBy} | ${response} | ${where} | ${missing} |`;
  });
  return [
    '# Adversaries',
    '',
    'Each adversary of the catalogue against the running system: a coordinator process, real links, honest hosts (a browser',
    'tab among them) beside scripted ones. A test is named by the number and shows which layer finds the adversary, what',
    'is done about it, after how many reports at most, that it earns nothing, that every item is right in the end, and',
    'that nobody honest is ever blamed. The tests are in `sdk/acceptance/adversaries/`; this page is made from',
    '`catalogue.ts` there, and a test compares the two.',
    '',
    '| # | adversary | caught by | response | test | what of it no test can show yet |',
    '| - | --------- | --------- | -------- | ---- | ------------------------------- |',
    ...rows,
    '',
  ].join('\n');
}
