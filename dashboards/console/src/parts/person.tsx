// Who is signed in here, since when, at which post; and the way out, one press away.
import { useAttempt } from './form';
import { t } from '../i18n';
import { shortTime } from '../i18n/format';
import { asking, actError } from '../state/acts';
import { signOut } from '../state/door';
import { isWall } from '../state/route';
import { confirmPerson, may, session, signedIn, since } from '../state/session';
import { postName } from '../state/settings';
import { now } from '../state/store';

function name(): string {
  const view = session.value;
  if (view?.kind === 'wall') return t('wall_here', { name: view.label ?? '' });
  return view?.user?.name ?? '';
}

function Post() {
  if (isWall.value || !(may('silence') || may('handle_alarms'))) return null;
  return (
    <button type="button" class={`button post ${postName.value ? '' : 'post-unset'}`}
      onClick={() => (asking.value = { about: 'post', then: null })}>
      {postName.value ? <span>{t('post')} <b>{postName.value}</b></span> : t('post_unset')}
    </button>
  );
}

// Only a mark: whoever handles alarms loses nothing. The password is asked for here, or when something needs it.
function Asleep() {
  if (!session.value?.powers_asleep) return null;
  return (
    <button type="button" class="button asleep" data-asleep title={t('powers_wake')} onClick={() => void confirmPerson('password')}>
      {t('powers_asleep')}
    </button>
  );
}

function SignOut() {
  const attempt = useAttempt();
  const leave = async () => {
    if (!(await attempt.run(signOut))) actError.value = attempt.error;
  };
  return <button type="button" class="button" data-act="sign-out" disabled={attempt.busy} onClick={() => void leave()}>{t('sign_out')}</button>;
}

export function Person() {
  if (!signedIn.value) return null;
  const wall = session.value?.kind === 'wall';
  const who = <><b class="person-name">{name()}</b>{since.value && <small> {t('signed_in_since', { time: shortTime(since.value, now.value) })}</small>}</>;
  return (
    <span class="person" data-person>
      <Asleep />
      <Post />
      {wall ? <span class="person-who">{who}</span> : <a class="button person-who" href="/account" title={t('account')}><span>{who}</span></a>}
      {!wall && <SignOut />}
    </span>
  );
}
