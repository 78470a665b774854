/** The frame's entry: asks, in the page of a site, or in a window of its own where the frame opened one. */
import { mount } from 'svelte';
import ConfirmWindow from './ConfirmWindow.svelte';
import { lookOf, placementOf } from './placement.ts';
import WidgetFrame from './WidgetFrame.svelte';
import { showTheme } from './theme.ts';
import { takeWords } from './words.ts';
import './tokens.css';
import './frame.css';

const target = document.getElementById('app')!;
const placement = placementOf(document);
const look = lookOf(location.search);
showTheme(look.theme);
// A window of our own is no part of the page.
await takeWords(navigator.languages, window === top ? null : look.language);
if (placement !== null) {
  if (window === top) mount(ConfirmWindow, { target, props: { site: placement.site } });
  else if (placement.host !== null) {
    mount(WidgetFrame, { target, props: { site: placement.site, host: placement.host, look } });
  }
}
