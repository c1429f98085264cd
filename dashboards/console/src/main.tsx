// Start: routes, keys, sound, the live link, then the page. What the page as a whole shows (language, theme, title, sound) is
// kept in step with the state here.
import { computed, effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app';
import { t } from './i18n';
import { synth } from './sound/synth';
import { asking } from './state/acts';
import { loadInstall } from './pages/office';
import { startDoor } from './state/door';
import { typing } from './state/drafts';
import { guard } from './state/guard';
import { startKeyboard } from './state/keyboard';
import { isWall, place, replaceWith, startRouting } from './state/route';
import { startSecrets } from './state/secret';
import { confirming, mayOnceAwake, session } from './state/session';
import { isNight, language } from './state/settings';
import { audio, newVersion, phase, sound, startLink, unacknowledged } from './state/store';
import { reloadFor } from './state/version';
import './styles/index.css';

startSecrets();
startRouting();
startKeyboard();
synth.start();

effect(() => {
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.dataset['theme'] = isNight() ? 'night' : 'day';
  document.documentElement.dataset['layout'] = isWall.value ? 'wall' : 'desk';
});
effect(() => {
  const count = unacknowledged.value > 0 ? `(${unacknowledged.value}) ` : '';
  const away = { lost: `⛔ ${t('lost_tab')}`, signed_out: `🔒 ${t('link_signed_out')}` } as Partial<Record<typeof phase.value, string>>;
  document.title = away[phase.value] ?? `${count}${t('app')}`;
  document.body.dataset['link'] = phase.value;
  document.documentElement.dataset['signed'] = phase.value === 'signed_out' ? 'out' : 'in';
});
effect(() => {
  audio.value = synth.state.value;
  document.body.dataset['audio'] = synth.state.value;
});
effect(() => {
  synth.play(sound.value);
  document.body.dataset['sound'] = sound.value;
});
// A page older than the gateway is loaded anew while nothing waits for a person: no alarm, no dialog, nothing half typed.
effect(() => {
  const quiet = unacknowledged.value === 0 && !asking.value && !confirming.value && !typing.value;
  if (newVersion.value && quiet) reloadFor(newVersion.value);
});
// Whoever may not be where they are is led to where they may.
effect(() => {
  const to = guard(session.value, place.value, location.origin);
  if (to !== null) queueMicrotask(() => replaceWith(to));
});

// Who installs may lose the signal at any time: their pages are there before it goes, and what they have done is sent as soon as it is back.
const installs = computed(() => mayOnceAwake('map_devices'));
effect(() => {
  if (installs.value) void loadInstall().catch(() => undefined); // asked for again when somebody goes there
});

startDoor();
startLink();
render(<App />, document.getElementById('app')!);
