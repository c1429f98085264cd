// What is kept quiet, by whom, why and until when: shelved alarms and disabled devices, the first to end on top.
import type { Held } from '../contract';
import { t, word } from '../i18n';
import { alarmTitle, placeText } from '../i18n/format';
import { kBackground, rest } from '../link/rest';
import { Loaded, useQuery } from '../parts/states';
import { Time } from '../parts/time';
import { heldRows, type HeldRow } from '../state/held';
import { board } from '../state/store';

function Row({ row }: { row: HeldRow }) {
  return (
    <tr>
      <td>{row.overlays.map((one) => word('overlay', one)).join(' · ')}</td>
      <td><a href={row.link}>{row.alarm ? alarmTitle(row.alarm) : row.name}</a><br /><span class="note">{placeText(row.place)}</span></td>
      <td>{row.until ? <><Time at={row.until} short /> {row.endsSoon && <span class="mark">{t('ends_soon')}</span>}</> : '—'}</td>
      <td>{row.by}</td>
      <td>{row.why}</td>
    </tr>
  );
}

function List({ held }: { held: Held }) {
  const rows = heldRows(held, Date.now());
  if (rows.length === 0) return <p>{t('held_empty')}</p>;
  return (
    <div class="table-box" role="group" tabIndex={0} aria-label={t('held')}>
      <table>
        <thead><tr><th>{t('held')}</th><th>{t('what')}</th><th>{t('until')}</th><th>{t('held_by')}</th><th>{t('reason')}</th></tr></thead>
        <tbody>{rows.map((row) => <Row key={row.key} row={row} />)}</tbody>
      </table>
    </div>
  );
}

// Asked again with each event of the gateway's that concerns alarms.
export function HeldPanel() {
  const overlaid = [...board.value.alarms.values()].filter((one) => one.overlays.length > 0);
  const query = useQuery(() => rest.held(kBackground), [overlaid.map((one) => `${one.id}${one.revision}`).join()]);
  return (
    <section class="panel">
      <h2>{t('held')}</h2>
      <Loaded query={query}>{(held) => <List held={held} />}</Loaded>
    </section>
  );
}
