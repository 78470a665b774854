/** Everything that serves published models, put together. */
import { Batches, type BatchesDeps } from './batches.ts';
import { Files, type FilesDeps } from './files.ts';
import { Models, type ModelsDeps } from './models.ts';
import { ModelServer, type ModelServerDeps } from './modelServer.ts';

export interface Serving {
  readonly models: Models;
  readonly modelServer: ModelServer;
  readonly files: Files;
  readonly batches: Batches;
}

type ServingDeps = ModelsDeps & ModelServerDeps & FilesDeps & Omit<BatchesDeps, 'files' | 'models'>;

export function serving(deps: ServingDeps): Serving {
  const [models, files] = [new Models(deps), new Files(deps)];
  const batches = new Batches({ ...deps, models, files });
  return { models, files, batches, modelServer: new ModelServer(deps) };
}
