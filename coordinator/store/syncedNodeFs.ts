/**
 * PGlite's file system on Node, with an fsync that reaches the disk.
 *
 * PGlite 0.5.16 drops every fsync on Node: Emscripten's NODEFS has no `fsync`, and its `fdatasync` does nothing
 * (20 commits under strace: 0 fsync calls), so commits survive the death of the process but not of the
 * machine. To be deleted when PGlite syncs by itself. Needs `wal_sync_method=fsync`.
 */
import { fsyncSync } from 'node:fs';
import type { PGlite, postgresMod } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { assert } from '../../shared/result.ts';

type Module = Partial<postgresMod.PostgresMod>;

/** The part of Emscripten's NODEFS that is completed here. */
interface NodeFsInternals {
  readonly stream_ops: { fsync?: (stream: { readonly nfd: number }) => number };
}

export class SyncedNodeFs extends NodeFS {
  override async init(pg: PGlite, options: Module): Promise<{ emscriptenOpts: Module }> {
    const { emscriptenOpts } = await super.init(pg, options);
    const addFsync = (module: unknown): void => {
      const nodeFs = (module as { readonly NODEFS?: NodeFsInternals }).NODEFS;
      assert(nodeFs?.stream_ops !== undefined, 'PGlite has no NODEFS: was it upgraded?');
      nodeFs.stream_ops.fsync = ({ nfd }) => {
        fsyncSync(nfd);
        return 0;
      };
    };
    const preRun = [...(emscriptenOpts.preRun ?? []), addFsync];
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}
