// Start: routes, keys, sound, the live link, then the page. What the page as a whole shows (language, theme, title, sound) is
// kept in step with the state here.
import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app';
import { t } from './i18n';
import { synth } from './sound/synth';
import { startKeyboard } from './state/keyboard';
import { isWall, startRouting } from './state/route';
import { isNight, language } from './state/settings';
import { audio, newVersion, phase, sound, startLink, unacknowledged } from './state/store';
import './styles/index.css';

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
  document.title = phase.value === 'lost' ? `⛔ ${t('lost_tab')}` : `${count}${t('app')}`;
  document.body.dataset['link'] = phase.value;
});
effect(() => {
  audio.value = synth.state.value;
  document.body.dataset['audio'] = synth.state.value;
});
effect(() => {
  synth.play(sound.value);
  document.body.dataset['sound'] = sound.value;
});
// Nobody stands at the wall to press a button: it takes the new version by itself, while nothing is unacknowledged.
effect(() => {
  if (isWall.value && newVersion.value && unacknowledged.value === 0) location.reload();
});

startLink();
render(<App />, document.getElementById('app')!);
