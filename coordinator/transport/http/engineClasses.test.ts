/** What an operator sees of engine classes, and may overrule; nobody else does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CALIBRATION_STATES,
  CLASS_STATES,
  makeCalibration,
  makeClass,
} from '../../store/testing/records.ts';
import { HttpRig } from '../testing/httpRig.ts';

let http: HttpRig;
beforeAll(async () => {
  http = await HttpRig.started();
  const { engine } = http.links.rig;
  engine.classes.takeUp([makeClass('good'), makeClass('bad', { state: CLASS_STATES[1]! })]);
  engine.calibrations.takeUp(
    CALIBRATION_STATES.map((state, name) => makeCalibration(name, { state })),
  );
});
afterAll(() => http.close());

const asOperator = (body?: object) => ({
  key: http.keys.adminToken,
  ...(body === undefined ? {} : { body }),
});

describe('engine classes', () => {
  const QUARANTINED = { program: 'v1/model', engineClass: 'webgpu/bad' };

  it('are for the operator alone', async () => {
    for (const path of ['/v1/engine-classes', '/v1/calibrations']) {
      expect(await http.problem(path)).toMatchObject({ status: 403, code: 'not-allowed' });
    }
    const lift = '/v1/engine-classes/lift';
    expect(await http.problem(lift, { body: QUARANTINED })).toMatchObject({ code: 'not-allowed' });
    const accept = '/v1/calibrations/accept';
    expect(await http.problem(accept, { body: {} })).toMatchObject({ code: 'not-allowed' });
  });

  it('are listed, counted in the metrics, and lifted once', async () => {
    const { rows } = await http.json<{ rows: unknown[] }>('/v1/engine-classes', asOperator());
    expect(rows).toContainEqual({
      ...QUARANTINED,
      contributors: 2,
      wrongContributors: 1,
      wrongReports: 1,
      quarantinedAtMs: 1_700_000_000_000,
    });
    const metrics = () => http.ask('/metrics').then((response) => response.text());
    expect(await metrics()).toContain('idlewave_classes_quarantined 1');
    const lift = () => http.ask('/v1/engine-classes/lift', asOperator(QUARANTINED));
    expect((await lift()).status).toBe(204);
    expect((await lift()).status).toBe(404);
    expect(await metrics()).toContain('idlewave_classes_quarantined 0');
    expect(await http.links.rig.store.engineClasses()).toMatchObject([
      { ...QUARANTINED, members: [], state: { kind: 'trusted' } },
    ]);
  });
});

describe('calibrations', () => {
  const WANTING = { program: 'v1/model', classes: ['webgpu/2', 'wasm'] };

  it('are listed with their alarm, which an operator grants once', async () => {
    const { rows } = await http.json<{ rows: { wanted: unknown }[] }>(
      '/v1/calibrations',
      asOperator(),
    );
    expect(rows).toHaveLength(3);
    expect(rows.map(({ wanted }) => wanted)).toEqual([
      null,
      null,
      { relativeL2: 1, elementError: 1e-5 },
    ]);
    const metrics = () => http.ask('/metrics').then((response) => response.text());
    expect(await metrics()).toContain('idlewave_calibration_alarms 1');
    const accept = () => http.ask('/v1/calibrations/accept', asOperator(WANTING));
    expect((await accept()).status).toBe(204);
    expect((await accept()).status).toBe(404);
    expect(await metrics()).toContain('idlewave_calibration_alarms 0');
    expect(await http.links.rig.store.calibrations()).toMatchObject([
      { classes: ['wasm', 'webgpu/2'], state: { threshold: { relativeL2: 1 }, wanted: null } },
    ]);
  });

  it('a body that is not two classes is refused', async () => {
    const body = { program: 'v1/model', classes: ['wasm'] };
    expect(await http.problem('/v1/calibrations/accept', asOperator(body))).toMatchObject({
      status: 422,
      code: 'invalid-field',
    });
  });
});
