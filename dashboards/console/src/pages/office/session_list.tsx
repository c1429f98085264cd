// Sessions, as a table that a phone can show, too.
import type { SessionRow } from '../../contract';
import { t } from '../../i18n';
import { o, officeWord } from '../../i18n/office';
import { Time } from '../../parts/time';

export function Ends({ at }: { at: string | null }) {
  return at === null ? <>{o('never_ends')}</> : <Time at={at} short />;
}

export interface SessionListProps {
  sessions: readonly SessionRow[];
  act: (one: SessionRow) => string;
  onEnd: (one: SessionRow) => void;
  whose?: boolean; // with the user
}
export function SessionList({ sessions, act, onEnd, whose = false }: SessionListProps) {
  return (
    <ul class="cards" data-sessions>
      {sessions.map((one) => (
        <li key={one.id}>
          <div class="card-main">
            <strong>{whose && one.user ? `${one.user} · ` : ''}{officeWord('session', one.kind)}</strong>
            {one.current && <span class="mark strong">{o('session_current')}</span>}
            <span class="card-label">{one.label}</span>
          </div>
          <dl class="card-facts">
            <div><dt>{o('from_where')}</dt><dd>{one.address}</dd></div>
            <div><dt>{o('opened')}</dt><dd><Time at={one.created_at} short /></dd></div>
            <div><dt>{o('used')}</dt><dd><Time at={one.used_at} short /></dd></div>
            <div><dt>{o('ends')}</dt><dd><Ends at={one.ends_at} /></dd></div>
          </dl>
          <button type="button" class="button" aria-label={`${act(one)}: ${one.label}`} onClick={() => onEnd(one)}>{act(one)}</button>
        </li>
      ))}
      {sessions.length === 0 && <li>{t('none')}</li>}
    </ul>
  );
}
