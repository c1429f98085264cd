// First arrival: the first user of a new gateway; a phone or a screen that comes in by a link; a new password.
import { useSignal } from '@preact/signals';
import { t } from '../../i18n';
import { o } from '../../i18n/office';
import { ApiError, rest } from '../../link/rest';
import { Field, onSubmit, SecretField, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { redeem, setup } from '../../state/door';
import { wallPath } from '../../state/guard';
import { navigate, replaceWith } from '../../state/route';
import { secret } from '../../state/secret';
import { session } from '../../state/session';
import { SoundTest } from './parts';

const kUserPattern = '[a-z0-9][a-z0-9._\\-]{0,31}';

function Ready({ title, to, open }: { title: string; to: string; open: string }) {
  return (
    <div class="narrow" data-ready>
      <h1 tabIndex={-1}>{title}</h1>
      <SoundTest>
        <button type="button" class="button primary large" data-act="heard" onClick={() => replaceWith(to)}>{open}</button>
      </SoundTest>
    </div>
  );
}

export function SetupPage() {
  const code = useSignal(secret.value);
  const user = useSignal('');
  const name = useSignal('');
  const password = useSignal('');
  const done = useSignal(false);
  const attempt = useAttempt();
  const submit = async () => {
    const asked = { code: code.value.trim(), user: user.value.trim(), name: name.value.trim(), password: password.value };
    done.value = await attempt.run(() => setup(asked));
  };
  if (done.value) return <Ready title={t('sign_in')} to="/board" open={o('sound_heard')} />;
  if (session.value && !session.value.setup_needed) {
    return <div class="narrow"><h1 tabIndex={-1}>{o('setup_title')}</h1><p>{o('setup_already')} <a href="/board">{t('back_to_board')}</a></p></div>;
  }
  const wrong = attempt.error && ['unauthenticated', 'forbidden'].includes(attempt.error.code);
  return (
    <div class="narrow">
      <h1 tabIndex={-1}>{o('setup_title')}</h1>
      <p>{o('setup_text')}</p>
      <form class="panel form" onSubmit={onSubmit(submit)} data-form="setup">
        <Field label={o('setup_code')} hint={o('setup_code_hint')} value={code} required autofocus name="code" autocomplete="one-time-code" />
        <Field label={t('user_name')} hint={o('setup_user_hint')} value={user} required name="username" autocomplete="username"
          pattern={kUserPattern} maxLength={32} />
        <Field label={o('setup_name')} hint={o('setup_name_hint')} value={name} required name="name" autocomplete="name" maxLength={60} />
        <SecretField label={t('password')} hint={o('setup_password_hint')} value={password} required name="password"
          autocomplete="new-password" minLength={8} />
        <Refusal error={attempt.error} {...(wrong ? { text: o('setup_code_wrong') } : {})} />
        <button type="submit" class="button primary large" disabled={attempt.busy}>{o('setup_done')}</button>
      </form>
    </div>
  );
}

// Only by a press: links are opened by more than people, and this one works once.
export function JoinPage() {
  const typed = useSignal('');
  const done = useSignal(false);
  const attempt = useAttempt();
  const submit = async () => {
    const given = secret.value || typed.value.trim();
    done.value = await attempt.run(() => redeem(given));
    if (done.value) secret.value = '';
  };
  if (done.value) {
    const wall = session.value?.kind === 'wall';
    return <Ready title={o('join_done')} to={wall ? wallPath(session.value?.label ?? '') : '/board'} open={o('sound_heard')} />;
  }
  return (
    <div class="narrow">
      <h1 tabIndex={-1}>{o('join_title')}</h1>
      <p>{o('join_text')}</p>
      <form class="panel form" onSubmit={onSubmit(submit)} data-form="join">
        {!secret.value && <Field label={o('join_code')} hint={o('join_code_hint')} value={typed} required autocomplete="one-time-code" />}
        <Refusal error={attempt.error} {...(wrongInvite(attempt.error) ? { text: o('join_wrong') } : {})} />
        <button type="submit" class="button primary large" disabled={attempt.busy}>{o('join_do')}</button>
      </form>
    </div>
  );
}

export function NewPasswordPage() {
  const code = useSignal('');
  const password = useSignal('');
  const done = useSignal(false);
  const attempt = useAttempt();
  const submit = async () => {
    done.value = await attempt.run(() => rest.setPassword(secret.value || code.value.trim(), password.value));
    if (done.value) secret.value = '';
  };
  if (done.value) {
    return (
      <div class="narrow">
        <h1 tabIndex={-1}>{o('password_title')}</h1>
        <p role="status">{o('password_done')}</p>
        <button type="button" class="button primary large" onClick={() => navigate('/signin')}>{t('sign_in')}</button>
      </div>
    );
  }
  return (
    <div class="narrow">
      <h1 tabIndex={-1}>{o('password_title')}</h1>
      <p>{o('password_text')}</p>
      <form class="panel form" onSubmit={onSubmit(submit)} data-form="password">
        {!secret.value && <Field label={o('join_code')} value={code} required autocomplete="one-time-code" />}
        <SecretField label={o('password_new')} hint={o('setup_password_hint')} value={password} required name="password"
          autocomplete="new-password" minLength={8} />
        <Refusal error={attempt.error} {...(wrongInvite(attempt.error) ? { text: o('join_wrong') } : {})} />
        <button type="submit" class="button primary large" disabled={attempt.busy}>{o('password_set')}</button>
      </form>
    </div>
  );
}

function wrongInvite(error: ApiError | null): boolean {
  return error !== null && ['unauthenticated', 'refused', 'not_found', 'forbidden'].includes(error.code);
}
