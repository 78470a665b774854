import { blobsConformance } from './conformance.blobs.ts';
import { memoryBlobs } from './memoryBlobs.ts';

blobsConformance('memory', async (now) => ({ blobs: memoryBlobs(now), dispose: async () => {} }));
