// The dialogs: who is on duty, verdict, reset, keys. Native <dialog>: focus stays inside, Esc closes, focus goes back.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { kVerdicts, type AlarmView } from '../contract';
import { t, word } from '../i18n';
import { alarmTitle, placeText } from '../i18n/format';
import { asking, giveVerdict, reset } from '../state/acts';
import { duty, keys, nightBeep, setDuty } from '../state/settings';
import { synth } from '../sound/synth';

function Dialog({ title, children }: { title: string; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} class="dialog" aria-labelledby="dialog-title" onClose={() => (asking.value = null)}>
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}

function Close({ label }: { label: string }) {
  return <button type="button" class="button" onClick={() => (asking.value = null)}>{label}</button>;
}

function DutyDialog({ then }: { then: (() => void) | null }) {
  const name = useSignal(duty.value?.name ?? '');
  const post = useSignal(duty.value?.post ?? 'desk-1');
  const submit = (event: Event) => {
    event.preventDefault();
    if (!name.value.trim() || !post.value.trim()) return;
    setDuty({ name: name.value.trim(), post: post.value.trim() });
    asking.value = null;
    then?.();
  };
  return (
    <Dialog title={t('duty_title')}>
      <form onSubmit={submit}>
        <label class="field">
          {t('duty_name')}
          <input required maxLength={64} autocomplete="name" value={name.value}
            onInput={(event) => (name.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          {t('duty_post')}
          <input required maxLength={64} pattern="[\-A-Za-z0-9_]+" title={t('duty_post_hint')} value={post.value}
            onInput={(event) => (post.value = event.currentTarget.value)} />
        </label>
        <p class="note">{t('duty_why')}</p>
        <div class="dialog-acts">
          <Close label={t('cancel')} />
          <button type="submit" class="button primary">{t('duty_start')}</button>
        </div>
      </form>
    </Dialog>
  );
}

function About({ alarm }: { alarm: AlarmView }) {
  return <p class="dialog-about"><strong>{alarmTitle(alarm)}</strong> {placeText(alarm.place)}</p>;
}

function Remark({ label, onChange }: { label: string; onChange: (text: string) => void }) {
  return (
    <label class="field">
      {label}
      <input maxLength={200} onInput={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}

function VerdictDialog({ alarm }: { alarm: AlarmView }) {
  const why = useSignal('');
  return (
    <Dialog title={t('verdict_title')}>
      <About alarm={alarm} />
      <div class="verdicts">
        {kVerdicts.map((verdict) => (
          <button key={verdict} type="button" class="button large" data-verdict={verdict}
            onClick={() => giveVerdict(alarm, verdict, why.value)}>
            {word('verdict', verdict)}
          </button>
        ))}
      </div>
      <Remark label={t('verdict_why')} onChange={(text) => (why.value = text)} />
      <div class="dialog-acts"><Close label={t('cancel')} /></div>
    </Dialog>
  );
}

function ResetDialog({ alarm }: { alarm: AlarmView }) {
  const why = useSignal('');
  return (
    <Dialog title={t('reset_title')}>
      <About alarm={alarm} />
      <p>{t('reset_text')}</p>
      <Remark label={t('reset_why')} onChange={(text) => (why.value = text)} />
      <div class="dialog-acts">
        <Close label={t('cancel')} />
        <button type="button" class="button primary large" data-act="reset" onClick={() => reset(alarm, why.value)}>
          {t('reset')}
        </button>
      </div>
    </Dialog>
  );
}

const kKeys = [
  ['M', 'key_silence'],
  ['A', 'key_acknowledge'],
  ['J', 'key_next'],
  ['K', 'key_previous'],
  ['Enter', 'key_open'],
  ['/', 'key_search'],
  ['G B/D/H/S', 'key_go'],
  ['?', 'key_help'],
  ['Esc', 'key_close'],
] as const;

function HelpDialog() {
  return (
    <Dialog title={t('help')}>
      <dl class="keys">
        {kKeys.map(([key, meaning]) => (
          <div key={key}><dt><kbd>{key}</kbd></dt><dd>{t(meaning)}</dd></div>
        ))}
      </dl>
      <p class="note">{t('reset_has_no_key')}</p>
      <label class="check">
        <input type="checkbox" checked={keys.value === 'on'}
          onChange={(event) => (keys.value = event.currentTarget.checked ? 'on' : 'off')} />
        {t('keys_on')}
      </label>
      <label class="check">
        <input type="checkbox" checked={nightBeep.value === 'on'}
          onChange={(event) => (nightBeep.value = event.currentTarget.checked ? 'on' : 'off')} />
        {t('night_beep')}
      </label>
      <div class="dialog-acts">
        <button type="button" class="button" onClick={() => synth.audition('fire')}>{t('test_sound')}</button>
        <Close label={t('close')} />
      </div>
    </Dialog>
  );
}

export function Dialogs() {
  const open = asking.value;
  switch (open?.about) {
    case 'duty': return <DutyDialog then={open.then} />;
    case 'verdict': return <VerdictDialog alarm={open.alarm} />;
    case 'reset': return <ResetDialog alarm={open.alarm} />;
    case 'help': return <HelpDialog />;
    default: return null;
  }
}
