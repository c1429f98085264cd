// Sign-in, also when a session has ended. The lamps above stay, and say that they know nothing while nobody is signed in.
import { useSignal } from '@preact/signals';
import { t } from '../i18n';
import { Field, onSubmit, SecretField, useAttempt } from '../parts/form';
import { Refusal } from '../parts/refusal';
import { signIn } from '../state/door';
import { ended } from '../state/session';

function Why() {
  const last = ended.value;
  if (!last) return <p>{t('sign_in_text')}</p>;
  if (last.how === 'by_hand') return <p role="status">{t('sign_in_left')}</p>;
  const text = last.person.startsWith('wall/') ? t('sign_in_wall') : t('sign_in_ended');
  return <p class={`strip ${last.answered ? 'strip-ended' : ''}`} role="alert" data-ended>{text}</p>;
}

export function SignInPage() {
  const user = useSignal('');
  const password = useSignal('');
  const attempt = useAttempt();
  const submit = async () => {
    if (!(await attempt.run(() => signIn(user.value.trim(), password.value)))) password.value = '';
  };
  return (
    <div class="narrow">
      <h1 tabIndex={-1}>{t('sign_in')}</h1>
      <Why />
      <form class="panel form" onSubmit={onSubmit(submit)} data-form="sign-in">
        <Field label={t('user_name')} value={user} required autofocus name="username" autocomplete="username" maxLength={32} />
        <SecretField label={t('password')} value={password} required name="password" autocomplete="current-password" />
        <Refusal error={attempt.error} {...(attempt.error?.code === 'unauthenticated' ? { text: t('sign_in_wrong') } : {})} />
        <button type="submit" class="button primary large" disabled={attempt.busy}>{t('sign_in')}</button>
      </form>
      <p class="note">{t('sign_in_help')}</p>
    </div>
  );
}
