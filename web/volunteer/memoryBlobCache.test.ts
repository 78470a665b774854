import { describe } from 'vitest';
import { blobCacheConformance } from './blobCache.conformance.ts';
import { memoryBlobCache } from './memoryBlobCache.ts';

describe('memoryBlobCache', () => {
  blobCacheConformance((maxBytes) => Promise.resolve(memoryBlobCache(maxBytes)));
});
