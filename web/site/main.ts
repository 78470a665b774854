/**
 * The contribute page's entry: makes a volunteer for this origin and mounts the page on it.
 *
 * Starts nothing: only the visitor's click does, or an earlier visit's wish to be resumed.
 */
import { mount } from 'svelte';
import { MAX_NAME_CHARS } from '../../shared/limits.ts';
import { browserAccount } from '../state/browserAccount.ts';
import { browserVolunteer } from '../state/browserVolunteer.ts';
import App from './App.svelte';
import { language } from './i18n/language.svelte.ts';
import './tokens.css';
import './page.css';

/** As its document names them: the scripts and styles that are loaded later are not among them. */
const files = [...document.head.querySelectorAll('script[src], link[rel=stylesheet]')].map(
  (element) => element.getAttribute('src') ?? element.getAttribute('href')!,
);

/** So long the page waits for the visitor's language. */
const MAX_WORDS_MS = 2_000;

/** `?site=site_…`: whoever sends visitors here names itself so. */
const site = new URLSearchParams(location.search).get('site')?.slice(0, MAX_NAME_CHARS) ?? null;
const volunteer = browserVolunteer({
  url: location.origin,
  site,
  agent: `idlewave-web/${__IDLEWAVE_VERSION__}`,
});
const account = browserAccount(location.origin, site);
// A page in English now is better than one in the visitor's own language much later.
await Promise.race([language.begin(), new Promise((done) => setTimeout(done, MAX_WORDS_MS))]);
mount(App, { target: document.getElementById('app')!, props: { volunteer, account, files } });
