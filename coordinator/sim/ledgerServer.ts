/**
 * A coordinator for the ledger's benchmark: `ledgerServer.ts with|without DATA_DIR [DATABASE_URL]`.
 *
 * `without`: what moves credit is decided as ever, and neither balances nor movements nor the public log are written.
 */
import { startCoordinator } from '../main.ts';
import { KyselyStore } from '../store/kyselyStore.ts';
import type { Changes } from '../store/store.ts';

const [mode, dataDir, databaseUrl] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('expected with|without DATA_DIR [DATABASE_URL]');
if (mode === 'without') {
  const { commit } = KyselyStore.prototype;
  KyselyStore.prototype.commit = function (this: KyselyStore, changes: Changes) {
    return commit.call(this, { ...changes, movements: [], balances: [], logged: [] });
  };
}
const coordinator = await startCoordinator({
  port: 0,
  host: '127.0.0.1',
  dataDir,
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
  onFatal(error) {
    console.error(error);
    process.exit(1);
  },
});
process.on('SIGTERM', () => void coordinator.close().then(() => process.exit(0)));
const { url, adminToken } = coordinator;
console.log(JSON.stringify({ url, adminToken }));
