/** gameOfLife@1 whole, as a page fetches it when it is first asked for. */
import { gpuKernel } from '../manifest.ts';
import { gameOfLifeManifest } from './manifest.ts';
import { gameOfLifeReference } from './reference.ts';
import shader from './gameOfLife.wgsl?raw';

export const gameOfLife = gpuKernel(gameOfLifeManifest, gameOfLifeReference, shader);
