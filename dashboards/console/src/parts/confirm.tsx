// The PIN or the password, asked for by the gateway before something dangerous, or to wake powers. The request that waits for it
// goes on when the gateway has accepted the answer.
import { useSignal } from '@preact/signals';
import { t } from '../i18n';
import type { Confirmation } from '../link/client';
import { confirm } from '../state/door';
import { session, type Confirming } from '../state/session';
import { Dialog } from './dialog';
import { onSubmit, SecretField, useAttempt } from './form';
import { Refusal } from './refusal';

function why(ask: Confirmation, byPin: boolean, hasPin: boolean): string {
  if (ask === 'password') return t('confirm_password_text');
  return byPin || hasPin ? t('confirm_pin_text') : t('confirm_no_pin');
}

export function ConfirmDialog({ question }: { question: Confirming }) {
  const hasPin = session.value?.user?.has_pin ?? false;
  const byPin = useSignal(question.ask === 'pin' && hasPin);
  const answer = useSignal('');
  const attempt = useAttempt();
  const submit = async () => {
    const given = byPin.value ? { pin: answer.value } : { password: answer.value };
    if (await attempt.run(() => confirm(given))) question.answer(true);
    else answer.value = '';
  };
  const wrong = attempt.error?.code === 'unauthenticated' ? (byPin.value ? t('pin_wrong') : t('password_wrong')) : undefined;
  return (
    <Dialog title={byPin.value ? t('confirm_pin') : t('confirm_password')} onClose={() => question.answer(false)}>
      <form onSubmit={onSubmit(submit)} data-confirm={byPin.value ? 'pin' : 'password'}>
        <p class="note">{why(question.ask, byPin.value, hasPin)}</p>
        <input class="hidden" type="text" autocomplete="username" tabIndex={-1} aria-hidden="true" readOnly value={session.value?.user?.id ?? ''} />
        {byPin.value ? (
          <SecretField key="pin" label={t('pin')} value={answer} required autofocus name="pin" inputMode="numeric" autocomplete="off" />
        ) : (
          <SecretField key="password" label={t('password')} value={answer} required autofocus name="password" autocomplete="current-password" />
        )}
        <Refusal error={attempt.error} {...(wrong ? { text: wrong } : {})} />
        <div class="dialog-acts">
          {byPin.value && (
            <button type="button" class="button" onClick={() => { byPin.value = false; answer.value = ''; attempt.clear(); }}>{t('use_password')}</button>
          )}
          <button type="button" class="button" onClick={() => question.answer(false)}>{t('cancel')}</button>
          <button type="submit" class="button primary" disabled={attempt.busy}>{t('confirm')}</button>
        </div>
      </form>
    </Dialog>
  );
}
