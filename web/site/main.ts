/**
 * The contribute page's entry: makes a volunteer for this origin and mounts the page on it.
 *
 * Starts nothing: only the visitor's click does, or an earlier visit's wish to be resumed.
 */
import { mount } from 'svelte';
import { browserVolunteer } from '../state/browserVolunteer.ts';
import App from './App.svelte';
import './tokens.css';
import './page.css';

const volunteer = browserVolunteer({
  url: location.origin,
  agent: `idlewave-web/${__IDLEWAVE_VERSION__}`,
});
mount(App, { target: document.getElementById('app')!, props: { volunteer } });
