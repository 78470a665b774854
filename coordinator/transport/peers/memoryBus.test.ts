import { busConformance } from './conformance.bus.ts';
import { MemoryBusHub } from './memoryBus.ts';

busConformance('memory', async () => {
  const hub = new MemoryBusHub();
  return { connect: async () => hub.connect(), dispose: async () => {} };
});
