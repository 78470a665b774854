/**
 * What consent loads: the volunteer, and the share that the visitor agreed to, which is set before anything is computed.
 */
import { embeddedVolunteer, type EmbeddedVolunteer } from '../../state/embeddedVolunteer.ts';
import { fail, ok, type Result } from '../../../shared/result.ts';

/** One for the life of the frame: it is started and stopped. */
let made: Promise<EmbeddedVolunteer> | undefined;

/** Resolves once it has begun; the failure is for a person. */
export async function begin(
  site: string,
  percent: number,
): Promise<Result<EmbeddedVolunteer, string>> {
  made ??= embeddedVolunteer({
    url: location.origin,
    site,
    agent: `idlewave-widget/${__IDLEWAVE_VERSION__}`,
  });
  const embedded = await made;
  const problem = await embedded.agree(percent);
  if (problem !== null) return fail(problem);
  await embedded.volunteer.start();
  return ok(embedded);
}
