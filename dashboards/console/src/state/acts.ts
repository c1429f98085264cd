// The four acts. What a person does is shown when the gateway has recorded it, never before. A refusal is shown as said.
import { signal } from '@preact/signals';
import type { AlarmView, Verdict } from '../contract';
import { asApiError, rest, type ApiError } from '../link/rest';
import { isWall } from './route';
import { draft } from './drafts';
import { may } from './session';
import { postName } from './settings';
import { phase, post, silenceHere, sound, takeAlarm, takeSilence } from './store';

export type Asking =
  | { about: 'verdict'; alarm: AlarmView }
  | { about: 'reset'; alarm: AlarmView }
  | { about: 'post'; then: (() => void) | null }
  | { about: 'help' }
  | null;
export const asking = signal<Asking>(null); // the open dialog
export const actError = signal<ApiError | null>(null);
export const busy = signal<string | null>(null); // id of the alarm that is being acted on

// The post of this console; asks for it when nobody has said so, then goes on. Who acts, the gateway knows by the session.
function withPost(act: (post: string) => void): void {
  if (postName.value) act(postName.value);
  else asking.value = { about: 'post', then: () => withPost(act) };
}

export function mayHandle(alarm: AlarmView): boolean {
  return may('handle_alarms', alarm.place.estate.id);
}

// What has been typed in the dialog of an act; it stays until the act is done.
export const remark = (act: 'verdict' | 'reset', alarm: AlarmView) => draft(`${act}/${alarm.id}`, '');

async function perform(alarm: string, act: () => Promise<void>): Promise<boolean> {
  busy.value = alarm;
  actError.value = null;
  try {
    await act();
    return true;
  } catch (error) {
    actError.value = asApiError(error);
    return false;
  } finally {
    busy.value = null;
  }
}

export function acknowledge(alarm: AlarmView): void {
  withPost((at) => void perform(alarm.id, async () => takeAlarm(await rest.acknowledge(alarm.id, at))));
}

export function askVerdict(alarm: AlarmView): void {
  withPost(() => (asking.value = { about: 'verdict', alarm }));
}
export function giveVerdict(alarm: AlarmView, verdict: Verdict): void {
  fromDialog('verdict', alarm, async (at, why) => takeAlarm(await rest.verdict(alarm.id, at, verdict, why)));
}

export function askReset(alarm: AlarmView): void {
  withPost(() => (asking.value = { about: 'reset', alarm }));
}
export function reset(alarm: AlarmView): void {
  fromDialog('reset', alarm, async (at, why) => takeAlarm(await rest.reset(alarm.id, at, why)));
}

// Where the session has ended meanwhile, the dialog is there again after signing in, with what was typed.
function fromDialog(about: 'verdict' | 'reset', alarm: AlarmView, act: (at: string, why: string) => Promise<void>): void {
  const typed = remark(about, alarm);
  asking.value = null;
  withPost(async (at) => {
    if (await perform(alarm.id, () => act(at, typed.value.value))) typed.drop();
    else if (actError.value?.code === 'unauthenticated') asking.value = { about, alarm };
  });
}

// The sound of this post. Where the gateway cannot be asked, this console alone falls quiet: nobody should have to stand a
// sounder that cannot be stopped.
export function silence(): void {
  if (sound.value === 'none') return;
  if (phase.value === 'lost' || phase.value === 'signed_out' || !may('silence')) {
    silenceHere();
    return;
  }
  const ask = async (at: string) => {
    const done = await perform('silence', async () => takeSilence(await rest.silence(at)));
    if (!done && actError.value?.code === 'unreachable') silenceHere();
  };
  if (isWall.value) void ask(post.value);
  else withPost((at) => void ask(at));
}
