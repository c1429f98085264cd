// The lamps, as on a panel: steady, always all nine. While the link is lost nobody knows: every lamp shows "?".
import { kLamps, type Lamp } from '../contract';
import { t } from '../i18n';
import { watched } from '../state/board';
import { board, degraded, lamps, phase } from '../state/store';
import { Shape } from './shape';

function ClassLamp({ lamp }: { lamp: Lamp }) {
  const name = t(`lamp_${lamp}`);
  const count = lamps.value[lamp];
  const known = phase.value === 'live' || phase.value === 'stale';
  const lit = known && count.total > 0;
  const label = known ? t('lamp_count', { lamp: name, ...count }) : t('lamp_unknown', { lamp: name });
  return (
    <li class={`lamp lamp-${lamp} ${lit ? 'lit' : ''} ${known ? '' : 'unknown'}`} data-lamp={lamp} data-lit={lit} data-digits={String(count.total).length}>
      <span class="hidden">{label}</span>
      <Shape lamp={lamp} />
      <span class="lamp-name" aria-hidden="true">{name}</span>
      <span class="lamp-count" aria-hidden="true">{known ? count.total : '?'}</span>
    </li>
  );
}

// 通信 and 正常: the link to the gateway and the gateway's own parts; and: devices are heard, and nothing at all is wrong.
function StateLamp({ lamp, lit, mark }: { lamp: 'link' | 'normal'; lit: boolean; mark: string }) {
  const name = t(`lamp_${lamp}`);
  const known = phase.value === 'live' || phase.value === 'stale';
  const label = known ? t(lit ? 'lamp_lit' : 'lamp_dark', { lamp: name }) : t('lamp_unknown', { lamp: name });
  return (
    <li class={`lamp lamp-${lamp} ${lit ? 'lit' : ''} ${known ? '' : 'unknown'}`} data-lamp={lamp} data-lit={lit}>
      <span class="hidden">{label}</span>
      <span class="lamp-dot" aria-hidden="true" />
      <span class="lamp-name" aria-hidden="true">{name}</span>
      <span class="lamp-count" aria-hidden="true">{known ? mark : '?'}</span>
    </li>
  );
}

export function LampStrip() {
  const troubled = phase.value === 'stale' || (phase.value === 'live' && degraded.value);
  const quiet = kLamps.every((lamp) => lamps.value[lamp].total === 0);
  const normal = phase.value === 'live' && quiet && !degraded.value && watched(board.value.health) === 'devices';
  return (
    <ul class="lamps" aria-label={t('lamps')}>
      {kLamps.map((lamp) => <ClassLamp key={lamp} lamp={lamp} />)}
      <StateLamp lamp="link" lit={troubled} mark={troubled ? '!' : '✓'} />
      <StateLamp lamp="normal" lit={normal} mark={normal ? '✓' : '—'} />
    </ul>
  );
}
