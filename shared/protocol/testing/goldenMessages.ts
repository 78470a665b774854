/**
 * Every message of link protocol v6 as the JSON text that hosts and coordinators of that version send.
 *
 * These texts are pinned: a change here is a change of the protocol, and needs a new `LINK_VERSION` where an
 * older end would refuse or misread it.
 */
const KEY = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const ROOT = '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d';
const SIGNATURE = KEY + ROOT;
const ASSIGNMENT = 'asg_000102030405060708090a0b0c0d0e0f';

export const GOLDEN_HOST_MESSAGES = {
  hello:
    `{"type":"hello","version":6,"publicKey":"${KEY}","host":"host_1",` +
    `"origin":"https://idlewave.example","nonce":"${ROOT}","signature":"${SIGNATURE}",` +
    '"capabilities":{"engines":["webgpu","wasm"],"adapter":"apple m4","memoryBytes":4294967296,"peers":["webrtc","relay"]},' +
    '"agent":"idlewave-web/0.1.0"}',
  want: '{"type":"want","count":2}',
  wishes:
    '{"type":"wishes","wishes":{"kind":"model","authors":{"not":["key_1","operator"],"only":[]},' +
    '"jobs":{"not":[],"only":["job_1"]},"leastRatePercent":150}}',
  'hand-over': '{"type":"hand-over"}',
  progress: `{"type":"progress","assignment":"${ASSIGNMENT}","itemsDone":7}`,
  commit:
    `{"type":"commit","assignment":"${ASSIGNMENT}","root":"${ROOT}",` +
    `"boundary":{"inputs":"${KEY}","outputs":"${ROOT}"},"signature":"${SIGNATURE}"}`,
  report:
    `{"type":"report","assignment":"${ASSIGNMENT}","challenge":"${KEY}","openings":[["${ROOT}","${KEY}"],["${KEY}"]],` +
    '"engine":"webgpu","computeMs":12.5}',
  'compute-error': `{"type":"compute-error","assignment":"${ASSIGNMENT}","code":"device-lost","message":"the GPU went away"}`,
  return: `{"type":"return","assignments":["${ASSIGNMENT}"],"reason":"paused"}`,
  leave: '{"type":"leave","reason":"closing"}',
  'route-state':
    '{"type":"route-state","route":"route_1","epoch":3,' +
    '"from":{"path":"direct","rttMs":12.5,"bytes":4096},"to":{"path":"connecting","rttMs":null,"bytes":0}}',
  'swarm-join': `{"type":"swarm-join","blob":"${ROOT}","have":"","shares":true}`,
  'swarm-have': `{"type":"swarm-have","blob":"${ROOT}","have":"0f01","shares":true,"fromPeers":1048576}`,
  'swarm-lost': `{"type":"swarm-lost","blob":"${ROOT}","peer":"peer_2","why":"wrong-chunk"}`,
  'swarm-leave': `{"type":"swarm-leave","blob":"${ROOT}"}`,
} as const;

export const GOLDEN_COORDINATOR_MESSAGES = {
  challenge: `{"type":"challenge","version":6,"nonce":"${ROOT}"}`,
  welcome:
    '{"type":"welcome","contributor":"c_0f0e0d0c0b0a09080706050403020100","host":"host_1",' +
    `"microCredits":"123456789012345678901234567890","byeToken":"0011","leases":["${ASSIGNMENT}"]}`,
  assign:
    `{"type":"assign","assignment":"${ASSIGNMENT}","job":"job_1","jobName":"digits","author":"key_1","ratePercent":100,` +
    `"program":{"kind":"onnx","model":"${ROOT}","outputs":["y"],"itemsPerRun":4},"items":[3,1,2],` +
    `"constants":"${KEY}","feeds":{"x":[4,28,28]},"outputs":{"y":{"dtype":"F32","dims":[10]}},` +
    '"nonFinite":"refuse","flopsPerItem":1000000,"leaseMs":15000,' +
    '"stage":{"route":"route_1","index":1,"of":3,"sequence":7,"inputs":{"h":{"dtype":"F32","dims":[8,7,7]}}}}',
  prepare:
    '{"jobName":"digits",' +
    `"program":{"kind":"onnx","model":"${ROOT}","outputs":["y"],"itemsPerRun":4},"constants":null,` +
    '"feeds":{"x":[4,28,28]},"outputs":{"y":{"dtype":"F32","dims":[10]}},"flopsPerItem":1000000,"type":"prepare"}',
  open: `{"type":"open","assignment":"${ASSIGNMENT}","challenge":"${KEY}","rows":[2,0]}`,
  received: `{"type":"received","assignment":"${ASSIGNMENT}"}`,
  settled:
    `{"type":"settled","assignment":"${ASSIGNMENT}","verdict":"agree","microCredits":"3","items":3,` +
    '"reason":"agreed with the quorum"}',
  revoke: `{"type":"revoke","assignments":["${ASSIGNMENT}"],"reason":"settled-without-you"}`,
  route:
    '{"type":"route","route":"route_1","jobName":"faces","epoch":3,"first":1,"last":1,"of":3,' +
    '"self":{"peer":"peer_1","token":"0011"},' +
    '"iceServers":[{"urls":["turn:turn.example:3478"],"username":"1:peer_1","credential":"c"}],' +
    '"from":"peer_0","to":"peer_2"}',
  'route-ended': '{"type":"route-ended","route":"route_1"}',
  swarm:
    `{"type":"swarm","blob":"${ROOT}","bytes":9437184,"self":{"peer":"peer_1","token":"0011"},` +
    '"iceServers":[{"urls":["stun:stun.example:3478"]}],"share":"f001",' +
    '"neighbours":[{"peer":"peer_2","calls":true},{"peer":"peer_3","calls":false}]}',
  'swarm-ended': `{"type":"swarm-ended","blob":"${ROOT}","reason":"cut-off"}`,
  waiting: '{"type":"waiting","code":"no-jobs","text":"There is no work just now."}',
  refused:
    '{"type":"refused","problem":{"type":"urn:idlewave:problem:report-shape","code":"report-shape",' +
    '"title":"report shape","status":422,"detail":"output \\"y\\" has the wrong shape",' +
    `"expected":"F32[3,10]","came":"F32[3,9]"},"assignment":"${ASSIGNMENT}"}`,
} as const;

/** A job specification with every field, as an author's program posts it. */
export const GOLDEN_JOB_SPEC =
  `{"name":"digits","program":{"kind":"onnx","model":"${ROOT}","outputs":["y"],"itemsPerRun":4},` +
  `"inputs":{"stacked":"${KEY}","constant":"${ROOT}"},"items":100,"itemsPerShard":10,` +
  '"verification":{"kind":"quorum","quorum":3,"secondOpinion":"referee"},' +
  '"acceptance":{"kind":"label","maxRelativeL2":0.01,"maxElementError":0.1,"margin":0.001,"nonFinite":"data"},' +
  '"budget":"1000000"}';

/** The shortest specification of a job whose reports are checked by themselves, defaults written out. */
export const GOLDEN_ALGEBRAIC_SPEC =
  '{"name":"products","program":{"kind":"kernel","kernel":"matmul@1","params":{"m":2,"k":3,"n":4}},' +
  `"inputs":{"stacked":"${KEY}"},"verification":{"kind":"algebraic"}}`;
