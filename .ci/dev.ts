/**
 * `npm run dev`: a coordinator and Vite in one process. The page is served from source and reloads; the
 * coordinator keeps its data in `.idlewave/`.
 */
import { createServer } from 'node:http';
import { createServer as createVite } from 'vite';
import { startCoordinator } from '../coordinator/main.ts';

const PORT = 5173;

const coordinator = await startCoordinator({
  port: 0,
  host: '127.0.0.1',
  dataDir: '.idlewave',
  publicUrl: `http://127.0.0.1:${PORT}`,
  log: (event, fields) => console.log(event, JSON.stringify(fields)),
  onFatal: () => process.exit(1),
});
const { port } = coordinator.server.address() as { port: number };
process.env['IDLEWAVE_DEV_TARGET'] = `http://127.0.0.1:${port}`;
const server = createServer();
const vite = await createVite({
  configFile: 'vite.config.ts',
  server: { middlewareMode: { server }, hmr: { server } },
});
server.on('request', vite.middlewares);
server.listen(PORT, '127.0.0.1', () => {
  console.log(`Page and API: http://127.0.0.1:${PORT}   admin token: ${coordinator.adminToken}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    void Promise.all([vite.close(), coordinator.close()]).then(() => process.exit(0));
  });
}
