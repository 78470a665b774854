/** rmsnorm@1 on the GPU: layernorm's module without its mean and bias. */
import type { NormParams } from '../layernorm/manifest.ts';
import { normShader } from '../layernorm/shader.ts';
import type { KernelVariant } from '../variants.ts';

export const rmsnormShader = (params: NormParams, variant: KernelVariant): string =>
  normShader('rmsnorm', params, variant);
