// Who is signed in here and what they may, as the gateway says it; and the door's questions to the person. The pages hide what one
// may not do; what is refused is decided by the gateway alone.
import { computed, signal } from '@preact/signals';
import { kEveryEstate, type Role, type SessionView } from '../contract';
import type { Confirmation, Door } from '../link/client';

export type Permission =
  | 'look' | 'silence' | 'handle_alarms' | 'command' | 'map_devices' | 'edit_rules' | 'read_journal' | 'administer';

export const session = signal<SessionView | null>(null); // null: not known yet
export const since = signal<string | null>(null); // when this session was opened
export const signedIn = computed(() => session.value?.signed_in === true);

// How the last session ended. One that answered for alarms and was ended from outside leaves nobody listening.
export interface Ended {
  how: 'by_hand' | 'by_gateway';
  person: string; // key of whose it was
  answered: boolean; // it could silence or handle alarms
}
export const ended = signal<Ended | null>(null);

// Who this is, in one word: another one means another board, and no drafts of somebody else's.
export function personOf(view: SessionView | null): string {
  return view?.signed_in ? `${view.kind}/${view.user?.id ?? ''}/${view.label ?? ''}` : '';
}
export const person = computed(() => personOf(session.value));

// In one estate, or in any. What belongs to no estate (faults of the gateway, unmapped devices) belongs to all who reach any.
export function may(permission: Permission, estate = ''): boolean {
  const estates = session.value?.permissions?.[permission] ?? [];
  if (estate === '' || estate.startsWith('unmapped:')) return estates.length > 0;
  return estates.includes(kEveryEstate) || estates.includes(estate);
}

// The roles that sleep when they are not used, and what they are for: it is still offered, and asks for the password.
const kSleeping: Partial<Record<Role, readonly Permission[]>> = {
  manager: ['command', 'map_devices', 'edit_rules', 'read_journal'],
  admin: ['read_journal', 'administer'],
};
export function mayOnceAwake(permission: Permission): boolean {
  if (may(permission)) return true;
  if (!session.value?.powers_asleep) return false;
  return session.value.user?.grants.some(({ role }) => kSleeping[role]?.includes(permission)) ?? false;
}

// In every estate: what concerns all of them at once, such as the rules.
export function mayEverywhereOnceAwake(permission: Permission): boolean {
  if (may(permission, kEveryEstate)) return true;
  if (!session.value?.powers_asleep) return false;
  return session.value.user?.grants.some(({ role, estate }) => estate === kEveryEstate && kSleeping[role]?.includes(permission)) ?? false;
}

export function takeSession(view: SessionView): void {
  const before = session.peek();
  if (before?.signed_in && !view.signed_in) noteEnd('by_gateway');
  if (personOf(before) !== personOf(view)) since.value = null;
  session.value = view;
}

// The session is over, by whoever's hand; what the page knew of it stays until somebody signs in.
export function noteEnd(how: Ended['how']): void {
  const view = session.peek();
  if (!view?.signed_in) return;
  ended.value = { how, person: personOf(view), answered: may('silence') || may('handle_alarms') };
  since.value = null;
  const { setup_needed, version } = view;
  session.value = { signed_in: false, setup_needed, version, powers_asleep: false };
}

// The open question for a PIN or the password. All requests that wait for it share one dialog.
export interface Confirming {
  ask: Confirmation;
  answer(confirmed: boolean): void;
  settled: Promise<boolean>;
}
export const confirming = signal<Confirming | null>(null);

export function confirmPerson(ask: Confirmation): Promise<boolean> {
  const open = confirming.peek();
  if (open) return open.settled;
  let answer: (confirmed: boolean) => void = () => undefined;
  const settled = new Promise<boolean>((resolve) => (answer = resolve));
  confirming.value = {
    ask,
    settled,
    answer: (confirmed) => {
      confirming.value = null;
      answer(confirmed);
    },
  };
  return settled;
}

export const door: Door = {
  token: () => session.peek()?.csrf ?? null,
  confirm: confirmPerson,
  signedOut: () => {
    confirming.peek()?.answer(false);
    noteEnd('by_gateway');
  },
};
