// The board: every alarm that is active or unacknowledged. Never limited in time, never filtered.
import type { AlarmView } from '../contract';
import { t } from '../i18n';
import { alarmTitle, placeText } from '../i18n/format';
import { AlarmRow } from '../parts/alarm_row';
import { Shape } from '../parts/shape';
import { Empty, Loading } from '../parts/states';
import { announced } from '../state/board';
import { keyNote } from '../state/keyboard';
import type { Group } from '../state/order';
import { isWall } from '../state/route';
import { backToTop, groupRows, groups, newAbove, openGroups, rows, selected, toggleGroup } from '../state/selection';
import { board, flood, listed, overlaid, pinned } from '../state/store';

function Row({ alarm }: { alarm: AlarmView }) {
  const acts = !isWall.value;
  return (
    <AlarmRow
      alarm={alarm}
      pinned={alarm.id === pinned.value?.id}
      selected={acts && alarm.id === selected.value?.id}
      acts={acts}
    />
  );
}

function FloodGroup({ group }: { group: Group }) {
  const open = openGroups.value.has(group.building.id);
  const lamp = group.alarms[0]!.lamp;
  const unacknowledged = group.alarms.filter(announced).length;
  return (
    <li class={`group lamp-${lamp} ${unacknowledged > 0 ? `frame-${lamp}` : ''}`}>
      <button type="button" class="group-head" aria-expanded={open} onClick={() => toggleGroup(group.building.id)}>
        <Shape lamp={lamp} />
        <strong class="group-name">{group.building.name || t('place_unknown')}</strong>
        <span class="group-count">{t('flood_group', { count: group.alarms.length, unacknowledged })}</span>
        <span class="group-first">
          {t('flood_first', { what: `${alarmTitle(group.first)} ${placeText(group.first.place)}` })}
        </span>
        <span class="group-toggle">{open ? t('collapse') : t('expand')}</span>
      </button>
      {open && <ul class="rows">{groupRows(group).map((alarm) => <Row key={alarm.id} alarm={alarm} />)}</ul>}
    </li>
  );
}

function Flood() {
  return (
    <>
      {pinned.value && <ul class="rows"><Row alarm={pinned.value} /></ul>}
      <p class="strip strip-flood" role="status">{t('flood')}</p>
      <ul class="groups" data-flood aria-label={t('alarm_list')}>
        {groups.value.map((group) => <FloodGroup key={group.building.id} group={group} />)}
      </ul>
    </>
  );
}

function List() {
  return (
    <ul class="rows" aria-label={t('alarm_list')}>
      {rows.value.map((alarm) => <Row key={alarm.id} alarm={alarm} />)}
    </ul>
  );
}

export function BoardPage() {
  if (board.value.serverId === '') return <Loading retry={() => location.reload()} />;
  return (
    <>
      {newAbove.value > 0 && (
        <button type="button" class="chip" onClick={backToTop}>{t('new_above', { count: newAbove.value })} ▲</button>
      )}
      {keyNote.value && <p class="strip strip-note" role="status">{t('changed_since_press')}</p>}
      {listed.value.length === 0 ? <Empty text={t('empty')} /> : flood.value ? <Flood /> : <List />}
      {rows.value.length > 0 && !isWall.value && <p class="key-hint">{t('selected_hint')}</p>}
      {overlaid.value.length > 0 && (
        <details class="overlaid">
          <summary>{t('shelved_list', { count: overlaid.value.length })}</summary>
          <ul class="rows">
            {overlaid.value.map((alarm) => <AlarmRow key={alarm.id} alarm={alarm} selected={false} acts={false} />)}
          </ul>
        </details>
      )}
    </>
  );
}
