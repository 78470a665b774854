/** A team as anybody may read it. */
import type { TeamRow } from '../../../shared/protocol/sharing.ts';
import type { Team } from '../../core/team.ts';

export const teamRow = (team: Team): TeamRow => ({
  id: team.id,
  name: team.name,
  join: team.joining.kind,
  members: team.members.length,
  maxMembers: team.maxMembers,
  createdAtMs: team.createdAtMs,
});
