import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { iceConfig } from './iceConfig.ts';

let directory: string;
let secret: string;
let short: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'idlewave-ice-'));
  secret = join(directory, 'secret');
  short = join(directory, 'short');
  await writeFile(secret, 'a-secret-of-enough-characters\n');
  await writeFile(short, 'short\n');
});
afterAll(() => rm(directory, { recursive: true }));

describe('servers that peers are told', () => {
  it('are none by default', async () => {
    expect(await iceConfig({ stun: [], turn: [] }, undefined)).toEqual({
      stun: [],
      turn: [],
      turnSecret: null,
    });
  });

  it('are named with the secret from its file, without the line’s end', async () => {
    const named = {
      stun: ['stun:stun.example:3478', 'stuns:[2001:db8::1]'],
      turn: ['turn:192.0.2.1:3478?transport=udp', 'turns:turn.example?transport=tcp'],
    };
    expect(await iceConfig(named, secret)).toEqual({
      ...named,
      turnSecret: 'a-secret-of-enough-characters',
    });
  });

  it.each([
    [['http://stun.example'], []],
    [['stun://stun.example'], []],
    [['turn:turn.example'], []],
    [['stun:stun.example?x=1'], []],
    [[], ['stun:stun.example']],
    [[], ['turn:turn.example?transport=sctp']],
    [[], ['turn:user@turn.example']],
    [Array<string>(9).fill('stun:stun.example'), []],
    [[`stun:${'x'.repeat(300)}`], []],
  ])('a browser would refuse %j %j: so is it here', async (stun, turn) => {
    await expect(iceConfig({ stun, turn }, secret)).rejects.toThrow(/--(stun|turn): expected/);
  });

  it('TURN needs a secret, a secret needs TURN, and it must be one', async () => {
    const turn = ['turn:turn.example'];
    await expect(iceConfig({ stun: [], turn }, undefined)).rejects.toThrow('--turn-secret-file');
    await expect(iceConfig({ stun: [], turn: [] }, secret)).rejects.toThrow('expected --turn');
    await expect(iceConfig({ stun: [], turn }, short)).rejects.toThrow('at least 16');
    await expect(iceConfig({ stun: [], turn }, join(directory, 'none'))).rejects.toThrow(
      'cannot be read',
    );
  });
});
