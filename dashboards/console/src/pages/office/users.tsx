// Users: who may come in, and what for. A new one gets a link with which the person sets the password.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Grant, InviteLink, UserView } from '../../contract';
import { t } from '../../i18n';
import { o } from '../../i18n/office';
import { idempotencyKey, rest } from '../../link/rest';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { useDraft } from '../../state/drafts';
import { Grants, GrantsEditor, useEstates, type Estates } from './grants';
import { Invitation } from './parts';

const kNoGrants: readonly Grant[] = [];

export function Marks({ user }: { user: UserView }) {
  return (
    <span class="marks">
      {user.disabled && <span class="mark strong">{o('user_disabled')}</span>}
      {!user.has_password && <span class="mark">{o('user_none_password')}</span>}
      {!user.has_pin && <span class="mark">{o('user_no_pin')}</span>}
    </span>
  );
}

function Row({ user, estates }: { user: UserView; estates: Estates }) {
  return (
    <li data-user={user.id}>
      <div class="card-main">
        <a href={`/users/${encodeURIComponent(user.id)}`}><strong>{user.name}</strong></a>
        <span class="card-label">{user.id}</span>
        <Marks user={user} />
      </div>
      <Grants grants={user.grants} estates={estates} />
    </li>
  );
}

// The key of one thing to be made: kept until the gateway has answered, so that asking again after a lost answer makes no second one.
export function useOnce(): { key: string; answered(): void } {
  const key = useRef('');
  key.current ||= idempotencyKey();
  return { key: key.current, answered: () => (key.current = '') };
}

function NewUser({ estates, onMade }: { estates: Estates; onMade: () => void }) {
  const id = useDraft('user/id', '');
  const name = useDraft('user/name', '');
  const grants = useDraft<readonly Grant[]>('user/grants', kNoGrants);
  const made = useSignal<InviteLink | null>(null);
  const once = useOnce();
  const attempt = useAttempt();
  const submit = async () => {
    made.value = null;
    await attempt.run(async () => {
      const asked = { id: id.value.value.trim(), name: name.value.value.trim(), grants: [...grants.value.value] };
      made.value = (await rest.createUser(asked, once.key)).invite;
      for (const [one, first] of [[id, ''], [name, '']] as const) one.value.value = first;
      grants.value.value = kNoGrants;
      onMade();
    });
    if (attempt.error?.code !== 'unreachable') once.answered();
  };
  return (
    <>
      <form class="panel form" onSubmit={onSubmit(submit)} data-form="new-user">
        <h2>{o('user_create')}</h2>
        <Field label={t('user_name')} hint={o('user_id_hint')} value={id.value} required pattern="[a-z0-9][a-z0-9._\-]{0,31}" maxLength={32} autocomplete="off" />
        <Field label={o('setup_name')} value={name.value} required maxLength={60} autocomplete="off" />
        <GrantsEditor value={grants.value} estates={estates} />
        <Refusal error={attempt.error} />
        <button type="submit" class="button primary" disabled={attempt.busy}>{o('user_create')}</button>
      </form>
      {made.value && <Invitation invite={made.value} title={o('user_created')} what={t('users')} />}
    </>
  );
}

export function UsersPage() {
  const estates = useEstates();
  const query = useQuery((how) => rest.users(how), []);
  return (
    <>
      <h1 tabIndex={-1}>{t('users')}</h1>
      <div class="columns">
        <div>
          <Loaded query={query}>
            {({ users }) => (
              <section class="panel">
                <ul class="cards">{users.map((one) => <Row key={one.id} user={one} estates={estates} />)}</ul>
              </section>
            )}
          </Loaded>
        </div>
        <div><NewUser estates={estates} onMade={query.retry} /></div>
      </div>
    </>
  );
}
