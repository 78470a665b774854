/** A body for every operation that takes JSON, as the API's description shows it: `contract.test.ts` holds each against its schema. */
import { ACCOUNT_PATH, type AccountAction } from '../../../shared/protocol/account.ts';

const DIGEST = 'dc8eb161aa2d8db0dd1e693ff334bb5382f962c2eb5ed0b8d8275048b0828751';
const INPUTS = 'f6ca411e810f56cfcc8e0405799eff4654a4b5830c8fc73671dffd3aa4ff3a50';
const SITE = {
  name: 'My Journal',
  origins: ['https://journal.example'],
  proposedPercent: 10,
};
const JOB = {
  name: 'handwritten digits',
  program: { kind: 'onnx', model: DIGEST },
  inputs: { stacked: INPUTS },
  verification: { kind: 'auto', mostWrong: 0.005 },
  budget: '2000000',
};
const INFERENCE = {
  inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [0.5, 1] }],
};

const KEY = 'a'.repeat(64);
/** What makes a signed request of an account's fields. */
const ENVELOPE = {
  publicKey: KEY,
  origin: 'https://idlewave.example',
  nonce: 'b'.repeat(64),
  signature: 'c'.repeat(128),
};
const CONTRIBUTOR = `c_${'0123456789abcdef'.repeat(2)}`;
const TEAM = `team_${'0123456789abcdef'.repeat(2)}`;
const TEAM_RULES = { join: 'open', maxMembers: 100 };
const CONSENT = { recoveryKey: 'd'.repeat(64), recoveryProof: 'e'.repeat(128) };

const ACCOUNT_FIELDS: Readonly<Record<AccountAction, object>> = {
  show: {},
  name: { name: 'Ada' },
  listing: { listed: false },
  codes: {},
  link: { code: '7K2M9QXT', deviceName: 'Laptop' },
  'remove-device': { device: CONTRIBUTOR },
  recovery: CONSENT,
  restore: { ...CONSENT, deviceName: 'Laptop' },
  delete: {},
  give: {
    from: 'own',
    to: `contributor:${CONTRIBUTOR}`,
    microCredits: '1000000',
    idempotencyKey: 'a gift',
  },
  share: { teamPercent: 10, site: null },
  'team-create': { name: 'Night owls', ...TEAM_RULES },
  'team-join': { team: TEAM, code: null },
  'team-leave': {},
  'team-dissolve': {},
  'team-change': { ...TEAM_RULES, newCode: false },
  'team-remove': { member: CONTRIBUTOR },
  'team-hand-over': { to: CONTRIBUTOR },
};

/** By the operation, as `POST /v1/jobs`. */
export const EXAMPLES: Readonly<Record<string, object>> = {
  'POST /v1/jobs': JOB,
  'POST /v1/estimates': JOB,
  'PATCH /v1/jobs/{id}': { ratePercent: 150, budget: '3000000' },
  'POST /v1/jobs/{id}/items': { inputs: { stacked: INPUTS }, budget: '3000000' },
  'POST /v1/jobs/{id}/second-opinion': { secondOpinion: 'referee' },
  'PUT /v1/models/{name}': {
    program: { kind: 'onnx', model: DIGEST },
    inputs: { stacked: INPUTS },
  },
  'POST /v2/models/{name}/infer': INFERENCE,
  'POST /v2/models/{name}/versions/{version}/infer': INFERENCE,
  'POST /v1/batches': {
    input_file_id: 'file-0123456789abcdef',
    endpoint: '/v2/models/digits/infer',
    completion_window: '24h',
  },
  'POST /v1/webhooks': { url: 'https://ci.example/idlewave', events: ['job.done', 'job.failed'] },
  'POST /v1/sites': SITE,
  'PUT /v1/sites/{id}': SITE,
  'POST /v1/sites/{id}/transfers': { to: `contributor:${CONTRIBUTOR}`, microCredits: '1000000' },
  'POST /v1/transfers': { to: `contributor:${CONTRIBUTOR}`, microCredits: '1000000' },
  'POST /v1/keys': { name: 'Ada', prepaid: true },
  'POST /v1/keys/{id}/grants': { microCredits: '5000000' },
  'POST /v1/engine-classes/lift': {
    program: `onnx/${DIGEST}`,
    engineClass: 'webgpu/intel/gen-12lp',
  },
  'POST /v1/calibrations/accept': {
    program: `onnx/${DIGEST}`,
    classes: ['webgpu/intel/gen-12lp', 'wasm'],
  },
  ...Object.fromEntries(
    Object.entries(ACCOUNT_FIELDS).map(([action, fields]) => [
      `POST ${ACCOUNT_PATH}/${action}`,
      { ...fields, ...ENVELOPE },
    ]),
  ),
};
