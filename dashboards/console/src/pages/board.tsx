// The board: every alarm that is active or unacknowledged. Never limited in time, never filtered.
import { kLamps, type AlarmView } from '../contract';
import { t } from '../i18n';
import { alarmTitle, levelName, placeText } from '../i18n/format';
import { AlarmRow } from '../parts/alarm_row';
import { Shape } from '../parts/shape';
import { Empty, Loading } from '../parts/states';
import { announced, watched } from '../state/board';
import { countLamps, type Group } from '../state/order';
import { isWall } from '../state/route';
import { backToTop, groupRows, groups, listNote, newAbove, openGroups, rows, rowsLeft, selected, showMore, toggleGroup } from '../state/selection';
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

// How many of which class: forty faults and one fire are not "41 fires".
function LampCounts({ alarms }: { alarms: readonly AlarmView[] }) {
  const counts = countLamps(alarms);
  return (
    <span class="lamp-counts">
      {kLamps.filter((lamp) => counts[lamp].total > 0).map((lamp) => (
        <span key={lamp}>
          <Shape lamp={lamp} /><span class="hidden">{t(`lamp_${lamp}`)}</span> <b>{counts[lamp].total}</b>
        </span>
      ))}
    </span>
  );
}

function More({ left }: { left: number }) {
  if (left === 0) return null;
  if (isWall.value) return <p class="more">{t('rows_left', { count: left })}</p>;
  return <button type="button" class="button more" onClick={showMore}>{t('rows_left', { count: left })} · {t('more')}</button>;
}

function GroupRows({ group }: { group: Group }) {
  const { shown, left } = groupRows(group);
  return (
    <>
      <ul class="rows">{shown.map((alarm) => <Row key={alarm.id} alarm={alarm} />)}</ul>
      <More left={left} />
    </>
  );
}

function FloodGroup({ group }: { group: Group }) {
  const open = openGroups.value.has(group.building.id);
  const lamp = group.alarms[0]!.lamp;
  const unacknowledged = group.alarms.filter(announced).length;
  const { place } = group.first;
  return (
    <li class={`group lamp-${lamp} ${unacknowledged > 0 ? `frame-${lamp}` : ''}`}>
      <button type="button" class="group-head" aria-expanded={open} onClick={() => toggleGroup(group.building.id)}>
        <Shape lamp={lamp} />
        <span class="group-name">
          <strong>{levelName(place.building ?? place.estate) || t('place_unknown')}</strong>
          {place.building && <small>{levelName(place.estate)}</small>}
        </span>
        <span class="group-count">
          <LampCounts alarms={group.alarms} />
          <span>{t('flood_group', { count: group.alarms.length, unacknowledged })}</span>
        </span>
        <span class="group-first">
          {t('flood_first', { what: `${alarmTitle(group.first)} ${placeText(group.first.place)}` })}
        </span>
        <span class="group-toggle">{open ? t('collapse') : t('expand')}</span>
      </button>
      {open && <GroupRows group={group} />}
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
    <>
      <ul class="rows" aria-label={t('alarm_list')}>
        {rows.value.map((alarm) => <Row key={alarm.id} alarm={alarm} />)}
      </ul>
      <More left={rowsLeft.value} />
    </>
  );
}

// "No alarms" says something only where something is listened to.
const kEmptyText = { devices: 'empty', unknown: 'empty', nothing_listed: 'empty_no_devices', none_online: 'empty_none_online' } as const;

export function BoardPage() {
  if (board.value.serverId === '') return <Loading retry={() => location.reload()} />;
  return (
    <>
      {newAbove.value > 0 && (
        <button type="button" class="chip" onClick={backToTop}>{t('new_above', { count: newAbove.value })} ▲</button>
      )}
      {listNote.value && <p class="strip strip-note" role="status">{t('changed_since_press')}</p>}
      {listed.value.length === 0 ? <Empty text={t(kEmptyText[watched(board.value.health)])} /> : flood.value ? <Flood /> : <List />}
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
