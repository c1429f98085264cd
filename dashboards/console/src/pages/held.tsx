// What is kept quiet, by whom, why and until when: shelved alarms and disabled devices, the first to end on top.
import { useSignal } from '@preact/signals';
import type { Held } from '../contract';
import { t, word } from '../i18n';
import { alarmTitle, placeText } from '../i18n/format';
import { kBackground, rest } from '../link/rest';
import { Loaded, number, useQuery } from '../parts/states';
import { Time } from '../parts/time';
import { heldRows, type HeldRow } from '../state/held';
import { board } from '../state/store';

const kRows = 100; // at once: works in a whole estate may disable thousands (our choice)

function Row({ row }: { row: HeldRow }) {
  return (
    <tr>
      <td class="held-how">{row.overlays.map((one) => word('overlay', one)).join(' · ')}</td>
      <td class="held-what"><a href={row.link}>{row.alarm ? alarmTitle(row.alarm) : row.name}</a><br /><span class="note">{placeText(row.place)}</span></td>
      <td class="held-until">{row.until ? <><Time at={row.until} short /> {row.endsSoon && <span class="mark">{t('ends_soon')}</span>}</> : '—'}</td>
      <td data-label={t('held_by')}>{row.by}</td>
      <td class="held-why">{row.why}</td>
    </tr>
  );
}

function List({ held }: { held: Held }) {
  const shown = useSignal(kRows);
  const rows = heldRows(held, Date.now());
  const left = rows.length - shown.value;
  if (rows.length === 0) return <><h2>{t('held')}</h2><p>{t('held_empty')}</p></>;
  return (
    <>
      <h2>{t('held')} · {number(rows.length)}</h2>
      <div class="table-box" role="group" tabIndex={0} aria-label={t('held')}>
        <table class="held">
          <thead><tr><th>{t('held_how')}</th><th>{t('what')}</th><th>{t('held_until')}</th><th>{t('held_by')}</th><th>{t('reason')}</th></tr></thead>
          <tbody>{rows.slice(0, shown.value).map((row) => <Row key={row.key} row={row} />)}</tbody>
        </table>
      </div>
      {left > 0 && (
        <button type="button" class="button more" data-act="more" onClick={() => (shown.value += kRows)}>{t('rows_left', { count: left })} · {t('more')}</button>
      )}
    </>
  );
}

// Asked again with each event of the gateway's that concerns alarms.
export function HeldPanel() {
  const overlaid = [...board.value.alarms.values()].filter((one) => one.overlays.length > 0);
  const query = useQuery(() => rest.held(kBackground), [overlaid.map((one) => `${one.id}${one.revision}`).join()]);
  return (
    <section class="panel" data-held>
      <Loaded query={query}>{(held) => <List held={held} />}</Loaded>
    </section>
  );
}
