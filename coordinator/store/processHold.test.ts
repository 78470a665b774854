import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdDirectory } from './processHold.ts';
import { StoreHeldError, StoreLostError } from './store.ts';

describe('holdDirectory', () => {
  let directory: string;
  let holders: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'idlewave-hold-'));
    holders = join(directory, 'holders');
    await mkdir(holders);
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** The claim that this process would write, as another one's. */
  async function claimOf(pid: number, changes: object = {}): Promise<string> {
    const hold = await holdDirectory(directory);
    const [own] = await readdir(holders);
    const claim = JSON.parse(await readFile(join(holders, own!), 'utf8')) as object;
    await hold.release();
    const path = join(holders, `${pid}-other.json`);
    await writeFile(path, JSON.stringify({ ...claim, pid, ...changes }));
    return path;
  }

  async function deadPid(): Promise<number> {
    const child = spawn(process.execPath, ['--eval', '0']);
    await once(child, 'close');
    return child.pid!;
  }

  it('is exclusive in one process, and free after release', async () => {
    const hold = await holdDirectory(directory);
    await expect(holdDirectory(directory)).rejects.toThrow(StoreHeldError);
    expect(await hold.stands()).toBe(true);
    await hold.release();
    await (await holdDirectory(directory)).release();
    expect(await readdir(holders)).toEqual([]);
  });

  it('is never had by two of many that ask at once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const asked = await Promise.allSettled(
        Array.from({ length: 8 }, () => holdDirectory(directory)),
      );
      const held = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      expect(held.length).toBeLessThanOrEqual(1);
      for (const answer of asked) {
        if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(StoreHeldError);
      }
      await Promise.all(held.map((hold) => hold.release()));
    }
    await (await holdDirectory(directory)).release();
  });

  it('is taken over from a process that is dead, also one that died while it wrote', async () => {
    const pid = await deadPid();
    const path = await claimOf(pid);
    await writeFile(join(holders, `${pid}-torn.json`), '{"pi');
    const hold = await holdDirectory(directory);
    expect(existsSync(path)).toBe(false);
    expect(await readdir(holders)).toHaveLength(1);
    await hold.release();
  });

  it('is not taken from a process that lives, whose claim is whole or being written', async () => {
    const whole = await claimOf(process.pid);
    await expect(holdDirectory(directory)).rejects.toThrow(`process ${process.pid} on`);
    await rm(whole);
    await writeFile(join(holders, `${process.pid}-torn.json`), '');
    await expect(holdDirectory(directory)).rejects.toThrow('held by another process');
  });

  it.skipIf(!existsSync('/proc/self/stat'))(
    'is taken over where the pid is used again',
    async () => {
      await claimOf(process.pid, { startTicks: '1' });
      await (await holdDirectory(directory)).release();
    },
  );

  it('is not taken from another machine: the message says what to do', async () => {
    const path = await claimOf(await deadPid(), { host: `not-${hostname()}` });
    await expect(holdDirectory(directory)).rejects.toThrow(`remove ${path}`);
  });

  it('notices that its claim was removed', async () => {
    const hold = await holdDirectory(directory);
    await rm(holders, { recursive: true });
    expect(await hold.stands()).toBe(false);
    expect(hold.lossError()).toBeInstanceOf(StoreLostError);
  });
});
