// Screens and phones: lets a wall screen or one's own phone in by QR code.
import { useSignal } from '@preact/signals';
import type { Grant, InviteLink } from '../../contract';
import { t } from '../../i18n';
import { o } from '../../i18n/office';
import { rest } from '../../link/rest';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { grantsFor, ownEstates, rolesForOthers } from '../../state/invites';
import { mayOnceAwake, session } from '../../state/session';
import { estateName, Grants, GrantsEditor, useEstates, type Estates } from './grants';
import { Invitation } from './parts';
import { useOnce } from './users';

export function ScreensPage() {
  const walls = mayOnceAwake('administer') || mayOnceAwake('edit_rules');
  const phones = mayOnceAwake('administer') || mayOnceAwake('map_devices');
  const kind = useSignal<'wall' | 'phone'>(walls ? 'wall' : 'phone');
  const label = useSignal('');
  const own = session.value?.user?.grants ?? [];
  const scopes = ownEstates(own);
  const chosen = useSignal('');
  const scope = scopes.includes(chosen.value) ? chosen.value : (scopes[0] ?? '');
  const estates = useEstates();
  const made = useSignal<{ kind: 'wall' | 'phone'; link: InviteLink } | null>(null);
  const once = useOnce();
  const attempt = useAttempt();
  const user = useSignal('');
  const theirs = useSignal<readonly Grant[]>([]);
  const roles = rolesForOthers(kind.value, mayOnceAwake);
  const whose = roles.length > 0 ? user.value.trim() : '';
  const other = whose !== '' && whose !== session.value?.user?.id;
  const grants = other ? [...theirs.value] : grantsFor(kind.value, own, scope);
  const submit = async () => {
    made.value = null;
    await attempt.run(async () => {
      const asked = { kind: kind.value, label: label.value.trim(), grants, ...(other ? { user: whose } : {}) };
      made.value = { kind: kind.value, link: await rest.invite(asked, once.key) };
    });
    if (attempt.error?.code !== 'unreachable') once.answered();
  };
  const wall = kind.value === 'wall';
  return (
    <>
      <h1 tabIndex={-1}>{t('screens')}</h1>
      <p class="page-text">{o('screens_text')} <a href="/ca">{o('link_trust')}</a></p>
      <div class="columns">
        <form class="panel form" onSubmit={onSubmit(submit)} data-form="invite">
          <fieldset class="choice">
            <legend>{o('screens_what')}</legend>
            {walls && <Choice kind="wall" value={kind.value} onChoose={() => (kind.value = 'wall')} />}
            {phones && <Choice kind="phone" value={kind.value} onChoose={() => (kind.value = 'phone')} />}
          </fieldset>
          <Field key={kind.value} label={o('screens_label')} value={label} required {...(wall ? { hint: o('screens_wall_hint'), pattern: '[\\-A-Za-z0-9_]+' } : {})}
            maxLength={32} autocomplete="off" />
          {roles.length > 0 && (
            <Field label={o('screens_user')} hint={o('screens_user_hint')} value={user} name="user" pattern="[a-z0-9][a-z0-9._\-]{0,31}" maxLength={32} autocomplete="off" />
          )}
          {other ? (
            <>
              <p class="note">{o('screens_user_grants')} {wall && o('screens_user_wall_text')}</p>
              <GrantsEditor key={roles.join()} value={theirs} estates={estates} roles={roles} />
            </>
          ) : (
            <OwnScope scopes={scopes} scope={scope} onChoose={(estate) => (chosen.value = estate)} estates={estates} />
          )}
          {!other && !wall && (grants.length === 0 ? <p class="note">{o('screens_phone_none')}</p> : <Grants grants={grants} estates={estates} />)}
          <Refusal error={attempt.error} {...(other && attempt.error?.code === 'not_found' ? { text: o('screens_user_unknown') } : {})} />
          <button type="submit" class="button primary" disabled={attempt.busy || grants.length === 0}>{o('screens_make')}</button>
        </form>
        <div>
          {made.value && (
            <Invitation invite={made.value.link} what={made.value.kind === 'wall' ? o('screens_wall') : o('screens_phone')}
              title={made.value.kind === 'wall' ? o('screens_made_wall') : o('screens_made_phone')}
              {...(made.value.kind === 'wall' ? { code: made.value.link.secret } : {})} />
          )}
        </div>
      </div>
    </>
  );
}

interface OwnScopeProps {
  scopes: readonly string[];
  scope: string;
  onChoose: (estate: string) => void;
  estates: Estates;
}
function OwnScope({ scopes, scope, onChoose, estates }: OwnScopeProps) {
  return (
    <label class="field">{o('screens_scope')}
      <select value={scope} onChange={(event) => onChoose(event.currentTarget.value)}>
        {scopes.map((one) => <option key={one} value={one}>{estateName(one, estates)}</option>)}
      </select>
    </label>
  );
}

function Choice({ kind, value, onChoose }: { kind: 'wall' | 'phone'; value: string; onChoose: () => void }) {
  return (
    <label class="check">
      <input type="radio" name="kind" value={kind} checked={value === kind} onChange={onChoose} />
      <span><b>{o(`screens_${kind}`)}</b> <small>{o(`screens_${kind}_text`)}</small></span>
    </label>
  );
}
