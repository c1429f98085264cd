// The dialogs: post, verdict, reset, keys; and above them all the door's question for PIN or password.
import { useSignal } from '@preact/signals';
import { kVerdicts, type AlarmView } from '../contract';
import { t, word } from '../i18n';
import { alarmTitle, placeText } from '../i18n/format';
import { synth } from '../sound/synth';
import { asking, giveVerdict, remark, reset } from '../state/acts';
import { confirming } from '../state/session';
import { keys, nightBeep, postName, setPost } from '../state/settings';
import { ConfirmDialog } from './confirm';
import { Dialog } from './dialog';
import { Field, onSubmit } from './form';

const close = () => (asking.value = null);

function Close({ label }: { label: string }) {
  return <button type="button" class="button" onClick={close}>{label}</button>;
}

function PostDialog({ then }: { then: (() => void) | null }) {
  const post = useSignal(postName.value || 'desk-1');
  const submit = () => {
    setPost(post.value.trim());
    close();
    then?.();
  };
  return (
    <Dialog title={t('post_title')} onClose={close}>
      <form onSubmit={onSubmit(submit)}>
        <Field label={t('post')} value={post} hint={t('post_hint')} required maxLength={64} pattern="[\-A-Za-z0-9_]+" autocomplete="off" />
        <p class="note">{t('post_why')}</p>
        <div class="dialog-acts">
          <Close label={t('cancel')} />
          <button type="submit" class="button primary">{t('confirm')}</button>
        </div>
      </form>
    </Dialog>
  );
}

function About({ alarm }: { alarm: AlarmView }) {
  return <p class="dialog-about"><strong>{alarmTitle(alarm)}</strong> {placeText(alarm.place)}</p>;
}


function VerdictDialog({ alarm }: { alarm: AlarmView }) {
  return (
    <Dialog title={t('verdict_title')} onClose={close}>
      <About alarm={alarm} />
      <div class="verdicts">
        {kVerdicts.map((verdict) => (
          <button key={verdict} type="button" class="button large" data-verdict={verdict}
            onClick={() => giveVerdict(alarm, verdict)}>
            {word('verdict', verdict)}
          </button>
        ))}
      </div>
      <Field label={t('verdict_why')} value={remark('verdict', alarm).value} maxLength={200} />
      <div class="dialog-acts"><Close label={t('cancel')} /></div>
    </Dialog>
  );
}

function ResetDialog({ alarm }: { alarm: AlarmView }) {
  return (
    <Dialog title={t('reset_title')} onClose={close}>
      <About alarm={alarm} />
      <p>{t('reset_text')}</p>
      <Field label={t('reset_why')} value={remark('reset', alarm).value} maxLength={200} />
      <div class="dialog-acts">
        <Close label={t('cancel')} />
        <button type="button" class="button primary large" data-act="reset" onClick={() => reset(alarm)}>
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
    <Dialog title={t('help')} onClose={close}>
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
  const question = confirming.value;
  if (question) return <ConfirmDialog key={question.ask} question={question} />;
  const open = asking.value;
  switch (open?.about) {
    case 'post': return <PostDialog then={open.then} />;
    case 'verdict': return <VerdictDialog alarm={open.alarm} />;
    case 'reset': return <ResetDialog alarm={open.alarm} />;
    case 'help': return <HelpDialog />;
    default: return null;
  }
}
