import { storeConformance } from './conformance.ts';
import { MemoryData, openMemoryStore } from './memoryStore.ts';

storeConformance('memory', async () => {
  const data = new MemoryData();
  const store = await openMemoryStore(data);
  return { store, reopen: () => openMemoryStore(data), end: (last) => last.close() };
});
