import { blobsConformance } from './conformance.blobs.ts';
import { memoryBlobs } from './memoryBlobs.ts';

blobsConformance('memory', async () => ({ blobs: memoryBlobs(), dispose: async () => {} }));
