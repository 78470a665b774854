/**
 * Routes by which an operator sees what engine classes are learned to do, and overrules it: quarantined classes, and
 * thresholds that want to grow.
 */
import { createRoute, z } from '@hono/zod-openapi';
import { worstOf } from '../../../shared/acceptance.ts';
import { MAX_NAME_CHARS } from '../../../shared/limits.ts';
import { requireOperator } from './auth.ts';
import {
  jsonResponse,
  newApp,
  problemResponse,
  refuse,
  type App,
  type HttpDeps,
} from './context.ts';

const differenceSchema = z.object({ relativeL2: z.number(), elementError: z.number() });

const classSchema = z.object({
  program: z.string(),
  engineClass: z.string(),
  /** Contributors checked lately, and those of them that were found wrong at least once. */
  contributors: z.number().int(),
  wrongContributors: z.number().int(),
  wrongReports: z.number().int(),
  quarantinedAtMs: z.number().int().nullable(),
});

const calibrationSchema = z.object({
  program: z.string(),
  classes: z.array(z.string()).length(2),
  comparisons: z.number().int(),
  /** The worst honest figures of late. */
  worst: differenceSchema,
  /** Null while too little is known: the author's own rule stands. */
  threshold: differenceSchema.nullable(),
  /** More than may be granted without an operator: an alarm. */
  wanted: differenceSchema.nullable(),
});

const nameSchema = z.string().min(1).max(MAX_NAME_CHARS);
const bodyOf = <S extends z.ZodType>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema } },
});

export function engineClassRoutes({ engine, keys }: HttpDeps): App {
  const app = newApp();
  app.use('/v1/engine-classes', requireOperator(keys));
  app.use('/v1/engine-classes/*', requireOperator(keys));
  app.use('/v1/calibrations', requireOperator(keys));
  app.use('/v1/calibrations/*', requireOperator(keys));

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/engine-classes',
      summary: 'Engine classes by program: who was checked, who was wrong, what is quarantined',
      responses: {
        200: jsonResponse('The classes', z.object({ rows: z.array(classSchema) })),
        default: problemResponse,
      },
    }),
    (c) => {
      const rows = engine.classes.all().map(({ program, engineClass, members, state }) => ({
        program,
        engineClass,
        contributors: members.length,
        wrongContributors: members.filter(({ wrong }) => wrong > 0).length,
        wrongReports: members.reduce((sum, { wrong }) => sum + wrong, 0),
        quarantinedAtMs: state.kind === 'quarantined' ? state.atMs : null,
      }));
      return c.json({ rows }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/engine-classes/lift',
      summary: 'Let a quarantined class work again; its contributors begin anew',
      request: { body: bodyOf(z.strictObject({ program: nameSchema, engineClass: nameSchema })) },
      responses: { 204: { description: 'Lifted' }, default: problemResponse },
    }),
    async (c) => {
      const { program, engineClass } = c.req.valid('json');
      if (await engine.liftClass(program, engineClass)) return c.body(null, 204);
      const detail = 'this class is not quarantined for this program';
      return refuse({ code: 'not-found', detail, came: engineClass });
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/v1/calibrations',
      summary:
        'How far pairs of engine classes are apart by program, and the thresholds that follow',
      responses: {
        200: jsonResponse('The calibrations', z.object({ rows: z.array(calibrationSchema) })),
        default: problemResponse,
      },
    }),
    (c) => {
      const rows = engine.calibrations.all().map((it) => ({
        program: it.program,
        classes: [...it.classes],
        comparisons: it.comparisons,
        worst: worstOf(it.worst, it.worstBefore),
        threshold: it.state.kind === 'established' ? it.state.threshold : null,
        wanted: it.state.kind === 'established' ? it.state.wanted : null,
      }));
      return c.json({ rows }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/v1/calibrations/accept',
      summary: 'Grant a pair of classes the threshold that it wants',
      request: {
        body: bodyOf(
          z.strictObject({ program: nameSchema, classes: z.tuple([nameSchema, nameSchema]) }),
        ),
      },
      responses: { 204: { description: 'Granted' }, default: problemResponse },
    }),
    async (c) => {
      const { program, classes } = c.req.valid('json');
      if (await engine.acceptCalibration(program, ...classes)) return c.body(null, 204);
      const detail = 'this pair of classes wants nothing more for this program';
      return refuse({ code: 'not-found', detail, came: classes.join(' and ') });
    },
  );
  return app;
}
