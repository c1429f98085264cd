// One alarm: in the list, and as the pinned first alarm.
import type { AlarmView } from '../contract';
import { t, word } from '../i18n';
import { alarmTitle, deviceText, duration, evidenceText, placeText } from '../i18n/format';
import { acknowledge, askReset, askVerdict, busy, mayHandle } from '../state/acts';
import { announced } from '../state/board';
import { nextAct } from '../state/order';
import { navigate } from '../state/route';
import { justMoved, listNote } from '../state/selection';
import { now } from '../state/store';
import { Shape } from './shape';
import { Time } from './time';

export interface ActButtonProps {
  alarm: AlarmView;
  large?: boolean;
  inList?: boolean; // stands in a row that other rows may push away
}

export function ActButton({ alarm, large = false, inList = false }: ActButtonProps) {
  const act = nextAct(alarm);
  if (act && !mayHandle(alarm)) return null;
  if (!act) return <span class="row-waits">{alarm.latching ? t('waits_for_return') : ''}</span>;
  const run = { acknowledge, verdict: askVerdict, reset: askReset }[act];
  return (
    <button
      type="button"
      class={`button act act-${act} ${large ? 'large' : ''}`}
      disabled={busy.value === alarm.id}
      aria-label={`${t(act)}: ${alarmTitle(alarm)}, ${placeText(alarm.place)}`}
      onClick={(event) => {
        event.stopPropagation();
        const pressed = event.detail > 0; // by a pointer: a key acts on the button that has the focus, wherever it moves
        listNote.value = inList && pressed && justMoved(alarm);
        if (!listNote.value) run(alarm);
      }}
    >
      {t(act)}
    </button>
  );
}

export function Marks({ alarm }: { alarm: AlarmView }) {
  return (
    <>
      {alarm.occurrences > 1 && (
        <span class="mark repeat" title={t('repeats', { count: alarm.occurrences })}>×{alarm.occurrences}</span>
      )}
      {alarm.confirmation !== 'single' && <span class="mark">{word('confirmation', alarm.confirmation)}</span>}
      {!alarm.device.mapped && <span class="mark">{t('not_mapped')}</span>}
      {alarm.late && <span class="mark">{t('late')}</span>}
      {alarm.not_recorded && <span class="mark strong">{t('not_recorded')}</span>}
      {alarm.verdict && <span class="mark">{word('verdict', alarm.verdict)}</span>}
      {alarm.consequences > 0 && <span class="mark">{t('consequences', { count: alarm.consequences })}</span>}
      {alarm.chattering && <span class="mark" title={t('chattering_title')}>{t('chattering')}</span>}
      {alarm.overlays.map((overlay) => (
        <span key={overlay} class="mark">
          {word('overlay', overlay)}
          {overlay === 'shelved' && alarm.shelved_until && <> {t('until')} <Time at={alarm.shelved_until} short /></>}
        </span>
      ))}
    </>
  );
}

export interface AlarmRowProps {
  alarm: AlarmView;
  selected: boolean;
  pinned?: boolean;
  acts: boolean; // false on the wall, which only silences
}

export function AlarmRow({ alarm, selected, pinned = false, acts }: AlarmRowProps) {
  const open = () => navigate(`/alarms/${encodeURIComponent(alarm.id)}`);
  const frame = announced(alarm) ? `frame-${alarm.lamp}` : '';
  return (
    <li
      class={`row lamp-${alarm.lamp} ${frame} ${pinned ? 'pinned' : ''} ${selected ? 'selected' : ''}`}
      data-alarm={alarm.id}
      data-state={alarm.state}
      data-device={alarm.device.id}
      aria-current={selected ? 'true' : undefined}
      onClick={open}
    >
      <Shape lamp={alarm.lamp} />
      <div class="row-what">
        <strong>{alarmTitle(alarm)}</strong>
        <span class="row-state">{word('state', alarm.state)}</span>
      </div>
      <div class="row-where">
        {pinned && <span class="first-badge">{t('first_alarm')}</span>}
        <a href={`/alarms/${encodeURIComponent(alarm.id)}`} class="row-place">{placeText(alarm.place)}</a>
        <span class="row-device">{deviceText(alarm)}</span>
      </div>
      <div class="row-why">
        <span class="row-evidence">{evidenceText(alarm)}</span>
        <span class="marks"><Marks alarm={alarm} /></span>
      </div>
      <div class="row-when">
        <Time at={alarm.first_raised_at} short />
        <span class="row-ago">
          {alarm.acknowledged_by && !announced(alarm)
            ? `${word('event', 'acknowledge')} ${alarm.acknowledged_by}`
            : t('ago', { duration: duration(now.value - Date.parse(alarm.first_raised_at)) })}
        </span>
      </div>
      {acts && <div class="row-act"><ActButton alarm={alarm} large={pinned} inList /></div>}
    </li>
  );
}
