// The frame of every page: lamps, silence, link age, clock, who is signed in; strips; the page; dialogs.
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from './i18n';
import { alarmTitle, dateTime, placeText, shortTime } from './i18n/format';
import { AlarmPage } from './pages/alarm';
import { BoardPage } from './pages/board';
import { DevicePage } from './pages/device';
import { DevicesPage } from './pages/devices';
import { HealthPage } from './pages/health';
import { HistoryPage } from './pages/history';
import { InstallPages, OfficePage, PlanPages, RulesPages } from './pages/office';
import { SignInPage } from './pages/signin';
import { WallOutPage } from './pages/wall_out';
import { Dialogs } from './parts/dialogs';
import { LampStrip } from './parts/lamp_strip';
import { Person } from './parts/person';
import { OutboxStrip } from './parts/outbox_strip';
import { Loading } from './parts/states';
import { ActErrorStrip, DegradedStrip, LostBar, MissedStrip, NoSoundStrip, VersionStrip } from './parts/strips';
import { asking, silence } from './state/acts';
import { kOpenPages } from './state/guard';
import { kPlaces, officesOf, type MenuEntry } from './state/menu';
import { isWall, route, type Route } from './state/route';
import { mayOnceAwake, session, signedIn } from './state/session';
import { language, theme } from './state/settings';
import { age, alarms, board, latestFire, localSilenceUntil, now, phase, post, sound } from './state/store';

const kSettled = 2_000; // ms between two announcements to screen readers that are not fires; our choice

function LinkAge() {
  const state = phase.value;
  const text = {
    connecting: t('link_connecting'),
    live: `${t('link_live')} · ${t('link_age', { seconds: age.value })}`,
    stale: t('link_stale', { seconds: age.value }),
    lost: t('link_lost'),
    signed_out: t('link_signed_out'),
  }[state];
  return <span class={`link link-${state}`} data-link={state}><i class="link-dot" aria-hidden="true" />{text}</span>;
}

function SilenceButton() {
  const sounding = sound.value !== 'none';
  const until = board.value.silences.get(post.value)?.until;
  const active = until && Date.parse(until) > now.value;
  const here = localSilenceUntil.value > Date.now();
  return (
    <button type="button" class="button silence large" disabled={!sounding} data-act="silence" onClick={silence}>
      <span class="silence-name">{t('silence')} <kbd aria-hidden="true">M</kbd></span>
      <small>
        {active ? t('silenced_until', { time: shortTime(until, now.value) })
          : here ? t('silenced_here', { time: shortTime(localSilenceUntil.value, now.value) })
          : !sounding ? t('nothing_sounds') : ''}
      </small>
    </button>
  );
}

const kThemes = { auto: 'day', day: 'night', night: 'auto' } as const;

function Settings() {
  return (
    <div class="settings">
      <button type="button" class="button" lang={language.value === 'zh' ? 'en' : 'zh-CN'}
        onClick={() => (language.value = language.value === 'zh' ? 'en' : 'zh')}>
        {t('language')}
      </button>
      <button type="button" class="button" data-act="theme" onClick={() => (theme.value = kThemes[theme.value])}>
        <span><span class="theme-word">{t('theme')}: </span>{t(`theme_${theme.value}`)}</span>
      </button>
      <button type="button" class="button" aria-label={t('help')} onClick={() => (asking.value = { about: 'help' })}>
        <span class="help-word">{t('help')}</span> <kbd aria-hidden="true">?</kbd>
      </button>
    </div>
  );
}

function Navigation() {
  const here = route.value.page;
  const offices = officesOf(mayOnceAwake);
  return (
    <nav aria-label={t('main_navigation')}>
      {kPlaces.map(({ href, key, pages }) => (
        <a key={href} href={href} aria-current={pages.includes(here) ? 'page' : undefined}>{t(key)}</a>
      ))}
      {offices.length > 0 && <Menu offices={offices} here={here} />}
    </nav>
  );
}

// What one administers here, behind one word. Closed by choosing, by Esc, and by leaving it.
function Menu({ offices, here }: { offices: readonly MenuEntry[]; here: Route['page'] }) {
  const element = useRef<HTMLDetailsElement>(null);
  const close = () => element.current?.removeAttribute('open');
  const current = offices.some(({ pages }) => pages.includes(here));
  return (
    <details ref={element} class="menu"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !element.current?.open) return;
        event.stopPropagation();
        close();
        element.current.querySelector('summary')?.focus();
      }}
      onFocusOut={(event) => {
        if (event.relatedTarget && !element.current?.contains(event.relatedTarget as Node)) close();
      }}>
      <summary class={current ? 'current' : ''}>{t('manage')} ▾</summary>
      <ul>
        {offices.map(({ href, key, pages }) => (
          <li key={href}><a href={href} aria-current={pages.includes(here) ? 'page' : undefined} onClick={close}>{t(key)}</a></li>
        ))}
      </ul>
    </details>
  );
}

function Header() {
  return (
    <header class="head">
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}>{t('skip')}</a>
      <div class="head-lamps">
        <LampStrip />
        <SilenceButton />
      </div>
      <div class="head-line">
        {!isWall.value && signedIn.value && <Navigation />}
        <span class="head-state">
          <LinkAge />
          <time class="clock" title="UTC+8">{dateTime(now.value)}</time>
        </span>
        {isWall.value && <span class="wall-post">{post.value}{signedIn.value && ` · ${t('wall_total', { count: alarms.value.length })}`}</span>}
        <Person />
        {!isWall.value && <Settings />}
      </div>
    </header>
  );
}

// Nobody's page is shown to nobody: until it is known who this is, and where nobody is signed in, there is the sign-in alone.
function Page({ at }: { at: Route }) {
  if (!session.value) return <Loading />;
  if (!signedIn.value && at.page === 'wall') return <WallOutPage at={at} />;
  if (!signedIn.value && !kOpenPages.includes(at.page)) return <SignInPage />;
  switch (at.page) {
    case 'board':
    case 'wall': return <><h1 class="hidden" tabIndex={-1}>{t('board')}</h1><BoardPage /></>;
    case 'alarm': return <AlarmPage key={at.id} id={at.id} />;
    case 'history': return <HistoryPage />;
    case 'devices': return <DevicesPage />;
    case 'unmapped':
    case 'tests':
    case 'import':
    case 'outbox': return <InstallPages at={at} />;
    case 'plan':
    case 'labels': return <PlanPages at={at} />;
    case 'device': return <DevicePage key={at.id} id={at.id} />;
    case 'health': return <HealthPage />;
    case 'signin': return <SignInPage />;
    case 'setup':
    case 'join':
    case 'password':
    case 'account':
    case 'users':
    case 'user':
    case 'sessions':
    case 'tokens':
    case 'screens':
    case 'journal': return <OfficePage at={at} />;
    case 'figures':
    case 'rules':
    case 'rule': return <RulesPages at={at} />;
    case 'nowhere': return <><h1 tabIndex={-1}>{t('nowhere')}</h1><a class="back" href="/board">← {t('back_to_board')}</a></>;
  }
}

// For screen readers: a new fire at once; everything else politely, as a count, not more often than every two seconds.
function Announcements() {
  const polite = useRef<HTMLParagraphElement>(null);
  useSignalEffect(() => {
    const count = [...board.value.alarms.values()].filter((alarm) => alarm.lamp !== 'fire').length;
    const text = `${t('board')}: ${count}`;
    const timer = setTimeout(() => {
      if (polite.current) polite.current.textContent = text;
    }, kSettled);
    return () => clearTimeout(timer);
  });
  const fire = latestFire.value;
  return (
    <div class="hidden">
      <p role="alert">{fire && `${alarmTitle(fire)} ${placeText(fire.place)}`}</p>
      <p aria-live="polite" ref={polite} />
    </div>
  );
}

export function App() {
  const at = route.value;
  const shown = useRef(at);
  useEffect(() => {
    if (shown.current === at) return;
    shown.current = at;
    document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  }, [at]);
  return (
    <>
      <LostBar />
      <div class="frame">
        <NoSoundStrip />
        <Header />
        <div class="strips">
          <MissedStrip />
          <DegradedStrip />
          <ActErrorStrip />
          <OutboxStrip />
          <VersionStrip />
        </div>
        <main id="main" tabIndex={-1}><Page at={at} /></main>
      </div>
      <Announcements />
      {signedIn.value && <Dialogs />}
    </>
  );
}
