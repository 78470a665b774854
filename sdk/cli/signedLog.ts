/**
 * A coordinator's public log, opened: by a key that is told or known, with every checkpoint's signature verified.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { fail, messageOf, ok } from '../../shared/result.ts';
import {
  openCheckpoint,
  parseVerifierKey,
  type Checkpoint,
  type NoteKey,
  type VerifySignature,
} from '../../shared/tlog/checkpoint.ts';
import { LogReader } from '../../shared/tlog/logReader.ts';
import type { IdlewaveClient } from '../client.ts';
import { CliError, EXIT } from './exitCode.ts';
import { printable } from './table.ts';

export interface SignedLog {
  /** As the coordinator tells it: `name+keyid+base64`. */
  readonly told: string;
  readonly key: NoteKey;
  readonly reader: LogReader;
  /** The newest checkpoint, and the text that was signed. */
  checkpoint(): Promise<{ readonly text: string; readonly checkpoint: Checkpoint }>;
}

/** Throws where another key signs than the one that is expected, if any. */
export async function openSignedLog(
  client: IdlewaveClient,
  expectedKey: string | undefined,
  signal: AbortSignal,
): Promise<SignedLog> {
  const call = { signal };
  const told = (await client.log(call)).verifierKey;
  if (expectedKey !== undefined && told !== expectedKey) {
    throw new CliError(
      EXIT.failed,
      `The log is signed with another key.\nExpected: ${expectedKey}\nCame: ${printable(told)}`,
    );
  }
  const key = parseVerifierKey(told);
  if (!key.ok)
    throw new CliError(
      EXIT.failed,
      `The coordinator’s log key cannot be used: ${printable(key.error)}`,
    );
  const reader = new LogReader(
    (path) =>
      client.logFile(path, call).then(ok, (error: unknown) => {
        signal.throwIfAborted();
        return fail(messageOf(error));
      }),
    (message) => createHash('sha256').update(message).digest(),
  );
  const checkpoint = async () => {
    const text = new TextDecoder().decode(await client.logFile('checkpoint', call));
    const opened = await openCheckpoint(text, key.value, verifySignature);
    if (opened.ok) return { text, checkpoint: opened.value };
    throw new CliError(
      EXIT.failed,
      `The log’s checkpoint is not to be trusted: ${printable(opened.error)}`,
    );
  };
  return { told, key: key.value, reader, checkpoint };
}

/** DER of an Ed25519 public key before its 32 bytes (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export const verifySignature: VerifySignature = (signature, message, publicKey) => {
  const der = Buffer.concat([SPKI, publicKey]);
  return verify(
    null,
    message,
    createPublicKey({ key: der, format: 'der', type: 'spki' }),
    signature,
  );
};
