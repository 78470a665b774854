/**
 * A coordinator in a process of its own, for benchmarks: `coordinatorProcess.ts SITE_DIR DATA_DIR`.
 *
 * Prints one line of JSON, `{"url","adminToken"}`, when it is ready, and stops at SIGTERM.
 */
import { startCoordinator } from '../../coordinator/main.ts';

const [siteDir, dataDir] = process.argv.slice(2);
if (siteDir === undefined || dataDir === undefined) {
  throw new Error('expected SITE_DIR DATA_DIR');
}
const coordinator = await startCoordinator({
  port: 0,
  host: '127.0.0.1',
  dataDir,
  siteDir,
  onFatal(error) {
    console.error(error);
    process.exit(1);
  },
});
const { url, adminToken } = coordinator;
process.on('SIGTERM', () => {
  void coordinator.close().then(() => process.exit(0));
});
console.log(JSON.stringify({ url, adminToken }));
