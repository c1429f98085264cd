// What the pages of the office share: a secret shown once, its QR code, a question before something that cannot be taken back.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { InviteLink } from '../../contract';
import { t } from '../../i18n';
import { dateTime } from '../../i18n/format';
import { o } from '../../i18n/office';
import { Dialog } from '../../parts/dialog';
import { useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { synth } from '../../sound/synth';
import { Qr } from './qr';

const kLoopback = /^(localhost|127\.|\[::1\])/;

// Text to be carried elsewhere. Where the browser refuses to copy, the text is selected for the person to do it.
export function Copyable({ text, label }: { text: string; label: string }) {
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal(false);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
      copied.value = true;
    } catch {
      copied.value = false;
    }
  };
  return (
    <div class="copyable">
      <input ref={field} readOnly value={text} aria-label={label} onFocus={(event) => event.currentTarget.select()} />
      <button type="button" class="button" data-act="copy" onClick={() => void copy()}>{copied.value ? `${o('copied')} ✓` : o('copy')}</button>
    </div>
  );
}

export interface InvitationProps {
  invite: InviteLink;
  title: string;
  what: string; // is let in
  code?: string; // to be typed where nothing can be scanned
}
export function Invitation({ invite, title, what, code }: InvitationProps) {
  const url = location.origin + invite.url_path;
  return (
    <section class="panel once" data-invite role="status">
      <h2>{title}</h2>
      {kLoopback.test(location.host) && <p class="strip" role="note">{o('link_loopback', { host: location.host })}</p>}
      <Copyable text={url} label={title} />
      <Qr text={url} label={o('link_qr', { what })} />
      {code && <p>{o('screens_code')}: <code class="code">{code}</code></p>}
      <p class="note">{o('link_once', { time: dateTime(invite.ends_at) })}</p>
    </section>
  );
}

export interface Question {
  text: string;
  act: string; // the word on the button
  run(): Promise<unknown>;
}
export function Ask({ question, onClose }: { question: Question; onClose: () => void }) {
  const attempt = useAttempt();
  const run = async () => {
    if (await attempt.run(question.run)) onClose();
  };
  return (
    <Dialog title={o('sure')} onClose={onClose}>
      <p>{question.text}</p>
      <Refusal error={attempt.error} />
      <div class="dialog-acts">
        <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
        <button type="button" class="button primary" data-act="sure" disabled={attempt.busy} onClick={() => void run()}>{question.act}</button>
      </div>
    </Dialog>
  );
}

export function SoundTest({ children }: { children?: ComponentChildren }) {
  return (
    <section class="panel form">
      <h2>{o('sound_title')}</h2>
      <p>{o('sound_text')}</p>
      <button type="button" class="button large" data-act="sound-test" onClick={() => void synth.unlock().then(() => synth.audition('fire'))}>
        {o('sound_play')}
      </button>
      {children}
      <p class="note">{o('sound_not_heard')}</p>
    </section>
  );
}
