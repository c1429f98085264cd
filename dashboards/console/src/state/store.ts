// The signals that the pages read, and the wiring of the live link to the board.
import { batch, computed, effect, signal } from '@preact/signals';
import type { AlarmView, DeviceCommand, DeviceTestEvent, Hello, Silence } from '../contract';
import { systemClock, type Phase } from '../link/freshness';
import { LiveLink, type Socket, type Timers } from '../link/live_link';
import { kBackground, rest } from '../link/rest';
import { chooseSound, type SoundKind } from '../sound/choice';
import {
  announced,
  applyAlarm,
  applyEvent,
  applySilence,
  applySnapshot,
  beginOutage,
  endOutage,
  kEmptyBoard,
  readMissed,
  type Board,
} from './board';
import { remember } from './commands';
import { countLamps, firstAlarm, isFlood, sortAlarms } from './order';
import { route } from './route';
import { RuleReader, ruleTexts } from './rules';
import { askSession } from './door';
import { ended, person, session } from './session';
import { isNight, nightBeep, postName } from './settings';
import { newerThanPage } from './version';

const kLocalSilence = 10 * 60_000; // as long as the gateway's silence

export const board = signal<Board>(kEmptyBoard);
export const phase = signal<Phase | 'signed_out'>('connecting');
export const age = signal(0); // of the picture, whole seconds
export const now = signal(Date.now()); // the gateway's time, to the second
export const lostFor = signal(0); // ms since the last message, while the link is lost
export const visible = signal(true);
export const audio = signal<'running' | 'suspended'>('suspended');
export const localSilenceUntil = signal(0);
export const newVersion = signal<string | null>(null); // the gateway has been updated since this page was loaded
export const toldCommands = signal<readonly DeviceCommand[]>([]); // the last that changed, of any device
export const latestTest = signal<DeviceTestEvent | null>(null); // of any device, as it was told
export const latestFire = signal<AlarmView | null>(null); // for screen readers

export const alarms = computed(() => [...board.value.alarms.values()]);
export const listed = computed(() => sortAlarms(alarms.value.filter((alarm) => alarm.overlays.length === 0)));
export const overlaid = computed(() => sortAlarms(alarms.value.filter((alarm) => alarm.overlays.length > 0)));
export const pinned = computed(() => firstAlarm(alarms.value));
export const lamps = computed(() => countLamps(alarms.value));
export const flood = computed(() => isFlood(alarms.value, now.value));
export const unacknowledged = computed(() => alarms.value.filter(announced).length);

// The post this console sounds for: the wall's is in its URL, a desk's is what the person there has chosen.
export const post = computed(() => (route.value.page === 'wall' ? route.value.post : postName.value));

// A post whose session was ended from outside is a post where nobody hears anything: it sounds as for a lost link.
const heardPhase = computed<Phase>(() => {
  if (phase.value !== 'signed_out') return phase.value;
  return ended.value?.how === 'by_gateway' && ended.value.answered ? 'lost' : 'live';
});

export const sound = computed<SoundKind>(() =>
  chooseSound({
    alarms: alarms.value,
    silence: board.value.silences.get(post.value),
    localSilenceUntil: localSilenceUntil.value,
    beepFaults: !isNight() || nightBeep.value === 'on',
    phase: heardPhase.value,
    now: now.value,
    localNow: Date.now(),
  }),
);

export const degraded = computed(() => {
  const health = board.value.health;
  if (!health) return false;
  return !health.ok || health.decision_lag_ms > 5_000 || Math.abs(health.clock_drift_ms) > 2_000;
});


function announcedAnew(before: Board, after: Board): AlarmView[] {
  if (after.alarms === before.alarms) return [];
  return [...after.alarms.values()].filter((alarm) => {
    const known = before.alarms.get(alarm.id);
    return announced(alarm) && !(known && announced(known));
  });
}

function update(step: (board: Board) => Board): void {
  const before = board.value;
  const after = step(before);
  const anew = announcedAnew(before, after);
  batch(() => {
    if (anew.length > 0) localSilenceUntil.value = 0; // a new alarm is heard, even where this console was quieted by hand
    latestFire.value = anew.find((alarm) => alarm.lamp === 'fire') ?? latestFire.value;
    board.value = after;
  });
}

function openSocket(ticket: string): Socket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new WebSocket(`${scheme}://${location.host}/api/v1/live?ticket=${encodeURIComponent(ticket)}`, 'firegate.v1') as unknown as Socket;
}

const timers: Timers = { set: (run, after) => window.setTimeout(run, after), clear: (handle) => clearTimeout(handle as number) };

const ruleReader = new RuleReader({ read: rest.rules, timers, take: (texts) => (ruleTexts.value = texts) });

let positionCounts = true; // false: what one may see has changed, the next picture is a whole one

const link = new LiveLink({
  ticket: rest.ticket,
  open: openSocket,
  clock: systemClock,
  timers,
  random: Math.random,
  position: () => ({ server_id: positionCounts ? board.value.serverId : '', seq: board.value.seq }),
  snapshot: rest.snapshot,
  history: async (from) => (await rest.history({ from: new Date(from).toISOString(), limit: 500 }, kBackground)).alarms,
  report: () => ({ post: post.value, visible: visible.value, audio: audio.value, build: __BUILD__ }),
  onHello: greet,
  onBye: (reason) => {
    if (reason === 'powers_changed') positionCounts = false;
    if (reason !== 'slow' && reason !== 'shutdown') void askSession().catch(() => undefined); // the next connection asks again
  },
  onSnapshot: (snapshot) => {
    positionCounts = true;
    update((known) => applySnapshot(known, snapshot));
  },
  onEvent: (event) => {
    if (event.type === 'command' && event.seq > board.peek().seq) toldCommands.value = remember(toldCommands.peek(), event.data);
    if (event.type === 'device_test' && event.seq > board.peek().seq) latestTest.value = event.data;
    update((known) => applyEvent(known, event));
  },
  onLost: (since) => update((known) => (known.serverId ? beginOutage(known, since) : known)),
  onReturn: (history) => update((known) => endOutage(known, Date.now(), history)),
  onTick: (next) =>
    batch(() => {
      phase.value = session.value?.signed_in === false ? 'signed_out' : next;
      lostFor.value = next === 'lost' ? Math.floor(link.freshness.age() / 1000) * 1000 : 0;
      age.value = Math.floor(link.freshness.age() / 1000);
      now.value = Math.floor(link.freshness.serverNow() / 1000) * 1000;
    }),
});

function greet(hello: Hello): void {
  newVersion.value = newerThanPage(hello.version, __BUILD__);
  if (hello.you && hello.you.name !== nameHere()) void askSession().catch(() => undefined);
  ruleReader.refresh();
}

function nameHere(): string {
  const view = session.peek();
  return (view?.kind === 'wall' ? view.label : view?.user?.name) ?? '';
}

export function startLink(): void {
  const look = () => {
    visible.value = document.visibilityState === 'visible';
    link.tick();
  };
  document.addEventListener('visibilitychange', look);
  effect(() => ruleReader.need(new Set(alarms.value.map((alarm) => alarm.rule))));
  look();
  link.start();
  let known = '';
  effect(() => {
    const next = person.value;
    if (next === '') {
      positionCounts = false;
      if (ended.value?.how === 'by_hand') board.value = kEmptyBoard;
      link.pause();
    } else {
      if (known !== '' && known !== next) board.value = kEmptyBoard;
      if (known !== '' && known !== next) link.restart();
      known = next;
      link.resume();
    }
  });
}

export function takeAlarm(alarm: AlarmView): void {
  update((known) => applyAlarm(known, alarm));
}
export function takeSilence(silence: Silence): void {
  update((known) => applySilence(known, silence));
}
export function silenceHere(): void {
  localSilenceUntil.value = Date.now() + kLocalSilence;
}
export function dismissMissed(): void {
  update(readMissed);
}
