// The symbol of a device on a plan: an outline for its state, its kind as a word of one or two letters.
import { t, word } from '../../i18n';
import { p } from '../../i18n/plan';
import { Shape } from '../../parts/shape';
import type { DeviceMark, MarkState } from '../../plan/marks';
import { kCalled, type Kind } from '../../state/kinds';
import { language } from '../../state/settings';

const shortKind = (kind: string) => (kCalled[kind as Kind]?.short[language.value === 'zh' ? 0 : 1] ?? kind).slice(0, 2);

export function stateText(state: MarkState): string {
  if (state === 'normal') return p('state_normal');
  return state === 'away' ? p('state_away') : t(`lamp_${state}`);
}

export function markText({ device, state, announced }: DeviceMark): string {
  return [device.name || device.id, word('kind', device.kind), stateText(state), announced ? p('unacknowledged') : ''].filter((part) => part !== '').join(' · ');
}

export function Symbol({ mark, chosen }: { mark: DeviceMark; chosen: boolean }) {
  const { state, announced, device } = mark;
  const shaped = state !== 'normal' && state !== 'away';
  return (
    <span class={`symbol symbol-${state} ${announced ? 'symbol-announced' : ''} ${chosen ? 'symbol-chosen' : ''}`} data-mark={device.id} data-state={state}
      data-announced={announced || undefined} title={markText(mark)}>
      {shaped && <Shape lamp={state} />}
      <span class="symbol-kind" aria-hidden="true">{shortKind(device.kind)}</span>
      <span class="hidden">{markText(mark)}</span>
    </span>
  );
}
