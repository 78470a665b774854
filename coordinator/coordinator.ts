/**
 * A running coordinator as its caller has it, and what it is made of and closed in the order of.
 */
import type { Server } from 'node:http';
import { join } from 'node:path';
import { MEMORY, type CoordinatorConfig } from './config.ts';
import type { Front } from './front.ts';
import type { Leading } from './lead.ts';
import type { BlobStore } from './store/blobs.ts';
import { openDiskBlobs } from './store/diskBlobs.ts';
import { memoryBlobs } from './store/memoryBlobs.ts';
import type { PeerTransport } from './transport/peers/peerTransport.ts';

export interface Coordinator {
  readonly url: string;
  readonly adminToken: string;
  /** For whoever runs it in the same process (development, benchmarks). */
  readonly server: Server;
  /** Likewise: who may meet, and what they are told. */
  readonly peers: PeerTransport;
  /** Where the coordinator is that this one follows now; null where it leads itself, or nobody does. */
  followed(): string | null;
  /** Lets go of everything; resolves when the store is closed. */
  close(): Promise<void>;
}

/** What may be open of it. */
export interface Parts {
  front?: Front;
  leading?: Leading;
}

/** No more requests, then no more work, then what they need. */
export async function closeParts({ front, leading }: Parts): Promise<void> {
  const frontClosed = front?.close();
  await leading?.stop();
  await frontClosed;
  await leading?.close();
}

/** Null where blobs are in memory. */
export function blobDirectory({ blobDir, dataDir }: CoordinatorConfig): string | null {
  if (blobDir !== undefined) return blobDir;
  return dataDir === MEMORY ? null : join(dataDir, 'blobs');
}

export async function openBlobs(config: CoordinatorConfig): Promise<BlobStore> {
  const directory = blobDirectory(config);
  return directory === null ? memoryBlobs() : openDiskBlobs(directory);
}
