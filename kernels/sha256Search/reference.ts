/**
 * sha256Search@1 on the CPU: the definition of what is right.
 */
import { tensorOf, type NamedTensors } from '../../shared/tensor.ts';
import { bytesOfHex, compress, prepareMessage } from './arithmetic.ts';
import { NO_HIT, type Sha256SearchParams } from './manifest.ts';

/** `hits`, `firstHit` and `leastNonce` U32 scalars, `leastHash` U32 [8]. */
export function sha256SearchReference(
  { prefixHex, noncesPerItem, targetZeroBits }: Sha256SearchParams,
  item: number,
  _inputs: NamedTensors,
): NamedTensors {
  const { midstate, lastBlock, nonceWord } = prepareMessage(bytesOfHex(prefixHex));
  const hash = new Uint32Array(8);
  const leastHash = new Uint32Array(8);
  let leastNonce = 0;
  let hits = 0;
  let firstHit = NO_HIT;
  lastBlock[nonceWord] = item;
  for (let nonce = 0; nonce < noncesPerItem; nonce++) {
    lastBlock[nonceWord + 1] = nonce;
    compress(midstate, lastBlock, hash);
    const [first, second] = hash as unknown as [number, number];
    const zeroBits = first === 0 ? 32 + Math.clz32(second) : Math.clz32(first);
    if (zeroBits >= targetZeroBits) {
      hits += 1;
      firstHit = Math.min(firstHit, nonce);
    }
    const isLess =
      first < leastHash[0]! || (first === leastHash[0] && second < leastHash[1]!) || nonce === 0;
    if (!isLess) continue;
    leastHash.set(hash);
    leastNonce = nonce;
  }
  return {
    hits: tensorOf('U32', [], Uint32Array.of(hits)),
    firstHit: tensorOf('U32', [], Uint32Array.of(firstHit)),
    leastNonce: tensorOf('U32', [], Uint32Array.of(leastNonce)),
    leastHash: tensorOf('U32', [8], leastHash),
  };
}
