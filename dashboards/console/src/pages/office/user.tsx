// One user: name and roles, disabled or not, a link for a new password, dropped. Two who change the same user at once are shown both
// versions; nothing is merged.
import { useSignal } from '@preact/signals';
import type { Grant, InviteLink, UserView } from '../../contract';
import { t } from '../../i18n';
import { o } from '../../i18n/office';
import { rest } from '../../link/rest';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { useDraft } from '../../state/drafts';
import { navigate } from '../../state/route';
import { Grants, GrantsEditor, useEstates, type Estates } from './grants';
import { Ask, Invitation, type Question } from './parts';
import { Marks, useOnce } from './users';

interface Versions {
  theirs: UserView;
  mine: { name: string; grants: readonly Grant[] };
}

function Conflict({ versions, estates, onTake, onKeep }: { versions: Versions; estates: Estates; onTake: () => void; onKeep: () => void }) {
  const side = (title: string, one: { name: string; grants: readonly Grant[] }) => (
    <div class="conflict-side"><h3>{title}</h3><p><b>{one.name}</b></p><Grants grants={one.grants} estates={estates} /></div>
  );
  return (
    <section class="refusal" role="alert" data-conflict>
      <p><strong>{o('conflict_title')}</strong> {o('conflict_text')}</p>
      <div class="conflict">{side(o('conflict_theirs'), versions.theirs)}{side(o('conflict_mine'), versions.mine)}</div>
      <div class="dialog-acts">
        <button type="button" class="button" data-act="take" onClick={onTake}>{o('conflict_take')}</button>
        <button type="button" class="button" data-act="keep" onClick={onKeep}>{o('conflict_keep')}</button>
      </div>
    </section>
  );
}

function Edit({ user, estates, onChanged }: { user: UserView; estates: Estates; onChanged: () => void }) {
  const name = useDraft(`user/${user.id}/name`, user.name);
  const grants = useDraft<readonly Grant[]>(`user/${user.id}/grants`, user.grants);
  const base = useDraft(`user/${user.id}/revision`, user.revision); // the version that what is typed began from
  const conflict = useSignal<UserView | null>(null);
  const done = useSignal(false);
  const attempt = useAttempt();
  const drop = () => {
    for (const one of [name, grants, base]) one.drop();
    onChanged();
  };
  const save = async (revision: number) => {
    conflict.value = null;
    done.value = await attempt.run(async () => {
      const asked = { name: name.value.value.trim(), grants: [...grants.value.value] };
      await rest.changeUser(user.id, revision, asked).catch(async (error: { code?: string }) => {
        if (error.code === 'precondition_failed') conflict.value = await rest.user(user.id);
        throw error;
      });
    });
    if (done.value) drop();
  };
  return (
    <form class="panel form" onSubmit={onSubmit(() => save(base.value.value))} data-form="user">
      <Field label={o('setup_name')} value={name.value} required maxLength={60} autocomplete="off" />
      <GrantsEditor value={grants.value} estates={estates} />
      <p class="note">{o('user_grants_hint')}</p>
      {conflict.value ? (
        <Conflict versions={{ theirs: conflict.value, mine: { name: name.value.value, grants: grants.value.value } }} estates={estates}
          onTake={drop} onKeep={() => void save(conflict.value!.revision)} />
      ) : <Refusal error={attempt.error} />}
      {done.value && <p role="status">{o('saved')}</p>}
      <button type="submit" class="button primary" disabled={attempt.busy}>{o('save')}</button>
    </form>
  );
}

function Acts({ user, onChanged }: { user: UserView; onChanged: () => void }) {
  const question = useSignal<Question | null>(null);
  const link = useSignal<InviteLink | null>(null);
  const once = useOnce();
  const ask = (text: string, act: string, run: () => Promise<unknown>) => (question.value = { text, act, run });
  const askToggle = () => ask(
    user.disabled ? o('user_enable_text') : o('user_disable_text'), user.disabled ? o('user_enable') : o('user_disable'),
    async () => {
      await rest.changeUser(user.id, user.revision, { disabled: !user.disabled });
      onChanged();
    });
  const askDrop = () => ask(o('user_drop_text', { name: user.name, id: user.id }), o('user_drop'), async () => {
    await rest.dropUser(user.id, user.revision);
    navigate('/users');
  });
  const askInvite = () => ask(o('user_invite_text', { name: user.name }), o('user_invite'), async () => {
    link.value = await rest.inviteUser(user.id, once.key);
    once.answered();
  });
  return (
    <>
      <section class="panel form" data-acts>
        <button type="button" class="button" data-act="invite" onClick={askInvite}>{o('user_invite')}</button>
        <button type="button" class="button" data-act="disable" onClick={askToggle}>{user.disabled ? o('user_enable') : o('user_disable')}</button>
        <button type="button" class="button" data-act="drop" onClick={askDrop}>{o('user_drop')}</button>
      </section>
      {link.value && <Invitation invite={link.value} title={o('user_invite')} what={user.name} />}
      {question.value && <Ask question={question.value} onClose={() => (question.value = null)} />}
    </>
  );
}

export function UserPage({ id }: { id: string }) {
  const estates = useEstates();
  const query = useQuery((how) => rest.user(id, how), [id]);
  return (
    <>
      <a class="back" href="/users">← {t('users')}</a>
      <Loaded query={query}>
        {(user) => (
          <>
            <div class="page-head"><h1 tabIndex={-1}>{user.name}</h1><span>{user.id}</span><Marks user={user} /></div>
            <div class="columns">
              <div><Edit key={user.revision} user={user} estates={estates} onChanged={query.retry} /></div>
              <div><Acts user={user} onChanged={query.retry} /></div>
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}
