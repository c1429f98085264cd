// Screens and phones: lets a wall screen or one's own phone in by QR code.
import { useSignal } from '@preact/signals';
import type { InviteLink } from '../../contract';
import { t } from '../../i18n';
import { o } from '../../i18n/office';
import { rest } from '../../link/rest';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { grantsFor, ownEstates } from '../../state/invites';
import { mayOnceAwake, session } from '../../state/session';
import { estateName, Grants, useEstates } from './grants';
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
  const grants = grantsFor(kind.value, own, scope);
  const submit = async () => {
    made.value = null;
    await attempt.run(async () => {
      made.value = { kind: kind.value, link: await rest.invite({ kind: kind.value, label: label.value.trim(), grants }, once.key) };
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
          <label class="field">{o('screens_scope')}
            <select value={scope} onChange={(event) => (chosen.value = event.currentTarget.value)}>
              {scopes.map((one) => <option key={one} value={one}>{estateName(one, estates)}</option>)}
            </select>
          </label>
          {!wall && grants.length === 0 ? <p class="note">{o('screens_phone_none')}</p> : !wall && <Grants grants={grants} estates={estates} />}
          <Refusal error={attempt.error} />
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

function Choice({ kind, value, onChoose }: { kind: 'wall' | 'phone'; value: string; onChoose: () => void }) {
  return (
    <label class="check">
      <input type="radio" name="kind" value={kind} checked={value === kind} onChange={onChoose} />
      <span><b>{o(`screens_${kind}`)}</b> <small>{o(`screens_${kind}_text`)}</small></span>
    </label>
  );
}
