/**
 * An adapter in plain data: what a host tells the coordinator and shows to a person, and what decides how kernels run.
 */
import type { DeviceTraits } from '../variants.ts';

export interface AdapterDescription {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** True for an adapter that computes on the CPU: there WASM or the CPU reference may well be faster. */
  readonly isSoftware: boolean;
  readonly features: readonly string[];
  readonly limits: {
    readonly maxBufferSize: number;
    readonly maxStorageBufferBindingSize: number;
    readonly maxComputeInvocationsPerWorkgroup: number;
    readonly maxComputeWorkgroupsPerDimension: number;
  };
}

/** Software rasterisers by name: some of them do not say `isFallbackAdapter`. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i;

const isSoftware = ({
  vendor,
  architecture,
  description,
  device,
  isFallbackAdapter,
}: GPUAdapterInfo): boolean =>
  isFallbackAdapter || SOFTWARE.test([vendor, architecture, description, device].join(' '));

export function describeAdapter(adapter: GPUAdapter): AdapterDescription {
  const { vendor, architecture, description } = adapter.info;
  const { limits } = adapter;
  return {
    vendor,
    architecture,
    description,
    isSoftware: isSoftware(adapter.info),
    features: [...adapter.features].sort(),
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    },
  };
}

/** Of a device with the features and limits that it was asked for. Older browsers say nothing of its adapter. */
export function traitsOf(device: GPUDevice): DeviceTraits {
  const {
    adapterInfo: info,
    features,
    limits,
  } = device as GPUDevice & {
    readonly adapterInfo?: GPUAdapterInfo;
  };
  return {
    isSoftware: info !== undefined && isSoftware(info),
    vendor: info?.vendor ?? '',
    architecture: info?.architecture ?? '',
    features: [...features].sort(),
    subgroupLanes: [info?.subgroupMinSize ?? 0, info?.subgroupMaxSize ?? 0],
    maxWorkgroupBytes: limits.maxComputeWorkgroupStorageSize,
    maxWorkgroupThreads: limits.maxComputeInvocationsPerWorkgroup,
    maxWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
  };
}
