/** How an output of conv2d@1 looks: its first four channels, each as a table of its own, two beside two. */
import { valuesOf, type NamedTensors } from '../../shared/tensor.ts';
import { clear, placed, tablePicture, type Picture } from '../picture.ts';
import type { Conv2dParams } from './manifest.ts';
import { outSize } from './variants.ts';

const MOST_CHANNELS = 4;

export function pictureOf(params: Conv2dParams, outputs: NamedTensors, _item: number): Picture {
  const { outHeight, outWidth } = outSize(params);
  const channels = params.outChannels;
  const y = valuesOf(outputs['y']!) as Float32Array;
  const shown = Array.from({ length: Math.min(channels, MOST_CHANNELS) }, (_, channel) =>
    tablePicture(
      outWidth,
      outHeight,
      (across, down) => y[(down * outWidth + across) * channels + channel]!,
    ),
  );
  const { width, height } = shown[0]!;
  const columns = Math.min(shown.length, 2);
  const whole = clear(width * columns, height * Math.ceil(shown.length / columns));
  shown.forEach((it, i) =>
    placed(whole, it, (i % columns) * width, Math.floor(i / columns) * height),
  );
  return whole;
}
