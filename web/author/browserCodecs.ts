/** The codecs of a page: their WASM is fetched from the page's own site. Imported for what it does. */
import jpg from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm?url';
import png from '@jsquash/png/codec/pkg/squoosh_png_bg.wasm?url';
import resize from '@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm?url';
import webp from '@jsquash/webp/codec/dec/webp_dec.wasm?url';
import { takeCodecsFrom } from '../../sdk/inputs/images/codecs.ts';
import { assert } from '../../shared/result.ts';

const URLS: Readonly<Record<string, string>> = {
  '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm': jpg,
  '@jsquash/png/codec/pkg/squoosh_png_bg.wasm': png,
  '@jsquash/resize/lib/resize/pkg/squoosh_resize_bg.wasm': resize,
  '@jsquash/webp/codec/dec/webp_dec.wasm': webp,
};

takeCodecsFrom(async (path) => {
  const url = URLS[path];
  assert(url !== undefined, `the page has no ${path}`);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} for ${url}`);
  return response.arrayBuffer();
});
