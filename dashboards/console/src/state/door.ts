// Coming and going: asks the gateway who this is, signs in and out, keeps the tabs of one browser in step.
import { effect } from '@preact/signals';
import type { SessionView } from '../contract';
import { ApiError, kBackground, rest } from '../link/rest';
import { dropDrafts } from './drafts';
import { ended, noteEnd, person, session, since, takeSession } from './session';

const kAskAgain = 60_000; // ms: whether powers have fallen asleep, whether the session goes on; our choice
const kRetry = 2_000; // ms, after a failed question

// What one tab does, the others hear: they share the session.
const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('firegate.session');
const tellTabs = () => tabs?.postMessage('changed');

let asking: Promise<void> | null = null;

// Asks who this is. Questions while one is under way share its answer.
export function askSession(): Promise<void> {
  asking ??= ask().finally(() => (asking = null));
  return asking;
}

async function ask(): Promise<void> {
  takeSession(await rest.session());
  if (session.peek()?.signed_in && since.peek() === null) await learnSince();
}

// Only to show it: where it cannot be learnt, the page says nothing.
async function learnSince(): Promise<void> {
  const rows = await rest.ownSessions(kBackground).catch(() => null);
  since.value = rows?.sessions.find((one) => one.current)?.created_at ?? null;
}

export function startDoor(): void {
  const first = () => void askSession().catch(() => setTimeout(first, kRetry));
  first();
  const again = () => {
    if (document.visibilityState === 'visible' && session.peek()) void askSession().catch(() => undefined); // LOST says it, if it lasts
  };
  setInterval(again, kAskAgain);
  document.addEventListener('visibilitychange', again);
  tabs?.addEventListener('message', again);
  let known = '';
  effect(() => {
    const next = person.value;
    if (next === '') return;
    if (known !== '' && known !== next) dropDrafts();
    known = next;
    ended.value = null;
  });
}

async function enter(call: Promise<SessionView>): Promise<SessionView> {
  const view = await call;
  takeSession(view);
  tellTabs();
  void learnSince();
  return view;
}

export const signIn = (user: string, password: string) => enter(rest.signIn(user, password));
export const setup = (asked: { code: string; user: string; name: string; password: string }) => enter(rest.setup(asked));
export const redeem = (secret: string) => enter(rest.redeem(secret));

export async function signOut(): Promise<void> {
  try {
    await rest.signOut();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'unauthenticated') throw error; // it had ended already
  }
  dropDrafts();
  noteEnd('by_hand');
  tellTabs();
}

// The answer to the open question. A wrong one may have been the last: then the session is over, which the next answer says.
export async function confirm(answer: { pin: string } | { password: string }): Promise<void> {
  try {
    takeSession(await rest.confirm(answer));
  } catch (error) {
    if (error instanceof ApiError && error.code === 'unauthenticated') void askSession().catch(() => undefined);
    throw error;
  }
}
