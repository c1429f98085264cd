// My account: who I am here, my password and PIN, where I am signed in, and how this machine is set.
import { useSignal } from '@preact/signals';
import { t } from '../../i18n';
import { o } from '../../i18n/office';
import { ApiError, rest } from '../../link/rest';
import { onSubmit, SecretField, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { askSession, signOut } from '../../state/door';
import { session } from '../../state/session';
import { keys, language, nightBeep, theme } from '../../state/settings';
import { Grants, useEstates } from './grants';
import { Ask, SoundTest, type Question } from './parts';
import { SessionList } from './session_list';

function wrongPassword(error: ApiError | null): { text: string } | object {
  return error && ['unauthenticated', 'forbidden'].includes(error.code) ? { text: t('password_wrong') } : {};
}

function Me() {
  const user = session.value?.user;
  const estates = useEstates();
  if (!user) return null;
  return (
    <section class="panel">
      <dl class="facts">
        <div><dt>{o('setup_name')}</dt><dd>{user.name}</dd></div>
        <div><dt>{t('user_name')}</dt><dd>{user.id}</dd></div>
        <div><dt>{o('account_roles')}</dt><dd><Grants grants={user.grants} estates={estates} /></dd></div>
      </dl>
    </section>
  );
}

function Password() {
  const old = useSignal('');
  const fresh = useSignal('');
  const done = useSignal(false);
  const attempt = useAttempt();
  const submit = async () => {
    done.value = await attempt.run(() => rest.changePassword(old.value, fresh.value));
    old.value = '';
    if (done.value) fresh.value = '';
  };
  return (
    <form class="panel form" onSubmit={onSubmit(submit)} data-form="change-password">
      <h2>{o('account_password')}</h2>
      <UserName />
      <SecretField label={o('password_old')} value={old} required name="old" autocomplete="current-password" />
      <SecretField label={o('password_new')} hint={o('setup_password_hint')} value={fresh} required name="new" autocomplete="new-password" minLength={8} />
      <Refusal error={attempt.error} {...wrongPassword(attempt.error)} />
      {done.value && <p role="status">{o('password_changed')}</p>}
      <button type="submit" class="button" disabled={attempt.busy}>{o('password_change')}</button>
    </form>
  );
}

// For password managers: whose password this is.
function UserName() {
  return <input class="hidden" type="text" autocomplete="username" tabIndex={-1} aria-hidden="true" readOnly value={session.value?.user?.id ?? ''} />;
}

function Pin() {
  const pin = useSignal('');
  const password = useSignal('');
  const done = useSignal(false);
  const attempt = useAttempt();
  const submit = async () => {
    done.value = await attempt.run(() => rest.changePin(password.value, pin.value));
    password.value = '';
    if (!done.value) return;
    pin.value = '';
    void askSession().catch(() => undefined); // has_pin is shown when it is next asked
  };
  return (
    <form class="panel form" onSubmit={onSubmit(submit)} data-form="change-pin">
      <h2>{o('account_pin')}</h2>
      <p>{session.value?.user?.has_pin ? o('pin_have') : o('pin_none')}</p>
      <UserName />
      <SecretField label={o('pin_new')} hint={o('pin_text')} value={pin} required name="pin" inputMode="numeric" pattern="[0-9]{6}" maxLength={6} autocomplete="off" />
      <SecretField label={t('password')} value={password} required name="password" autocomplete="current-password" />
      <Refusal error={attempt.error} {...wrongPassword(attempt.error)} />
      {done.value && <p role="status">{o('pin_changed')}</p>}
      <button type="submit" class="button" disabled={attempt.busy}>{o('pin_set')}</button>
    </form>
  );
}

function Sessions() {
  const query = useQuery((how) => rest.ownSessions(how), []);
  const question = useSignal<Question | null>(null);
  const end = async (id: string, current: boolean) => {
    if (current) await signOut();
    else await rest.endOwnSession(id);
    query.retry();
  };
  return (
    <section class="panel">
      <h2>{o('account_sessions')}</h2>
      <Loaded query={query}>
        {({ sessions }) => (
          <SessionList sessions={sessions} act={(one) => (one.current ? t('sign_out') : o('session_end_there'))}
            onEnd={(one) => (question.value = {
              text: o('session_end_text', { who: one.label }), act: one.current ? t('sign_out') : o('session_end_there'), run: () => end(one.id, one.current),
            })} />
        )}
      </Loaded>
      {question.value && <Ask question={question.value} onClose={() => (question.value = null)} />}
    </section>
  );
}

function Machine() {
  return (
    <section class="panel form">
      <h2>{o('account_machine')}</h2>
      <label class="field">语言 · Language
        <select value={language.value} onChange={(event) => (language.value = event.currentTarget.value as 'zh' | 'en')}>
          <option value="zh" lang="zh-CN">中文</option>
          <option value="en" lang="en">English</option>
        </select>
      </label>
      <label class="field">{t('theme')}
        <select value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as 'auto' | 'day' | 'night')}>
          {(['auto', 'day', 'night'] as const).map((one) => <option key={one} value={one}>{t(`theme_${one}`)}</option>)}
        </select>
      </label>
      <label class="check">
        <input type="checkbox" checked={keys.value === 'on'} onChange={(event) => (keys.value = event.currentTarget.checked ? 'on' : 'off')} />
        {t('keys_on')}
      </label>
      <p class="note">{o('keys_hint')}</p>
      <label class="check">
        <input type="checkbox" checked={nightBeep.value === 'on'} onChange={(event) => (nightBeep.value = event.currentTarget.checked ? 'on' : 'off')} />
        {t('night_beep')}
      </label>
    </section>
  );
}

export function AccountPage() {
  const person = session.value?.kind === 'person';
  return (
    <>
      <h1 tabIndex={-1}>{t('account')}</h1>
      <div class="columns">
        <div><Me /><Sessions />{person && <Password />}</div>
        <div><Machine /><SoundTest />{person && <Pin />}</div>
      </div>
    </>
  );
}
