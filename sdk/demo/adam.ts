/**
 * Adam (Kingma and Ba, arXiv 1412.6980, algorithm 1) over the network's parameters.
 */
import { PARAMETER_NAMES, zeroParameters, type Parameters } from './network.ts';

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export class Adam {
  readonly #mean = zeroParameters();
  readonly #square = zeroParameters();
  #step = 0;

  /** One step down the mean gradient of a batch; `gradients` are sums over it, and are zeroed. */
  step(parameters: Parameters, gradients: Parameters, batch: number, rate: number): void {
    this.#step += 1;
    const unbias1 = 1 - BETA1 ** this.#step;
    const unbias2 = 1 - BETA2 ** this.#step;
    for (const name of PARAMETER_NAMES) {
      const values = parameters[name];
      const mean = this.#mean[name];
      const square = this.#square[name];
      const sums = gradients[name];
      for (let i = 0; i < values.length; i++) {
        const gradient = sums[i]! / batch;
        mean[i] = BETA1 * mean[i]! + (1 - BETA1) * gradient;
        square[i] = BETA2 * square[i]! + (1 - BETA2) * gradient * gradient;
        values[i]! -= (rate * (mean[i]! / unbias1)) / (Math.sqrt(square[i]! / unbias2) + EPSILON);
      }
      sums.fill(0);
    }
  }
}
