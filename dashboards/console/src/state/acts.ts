// The four acts. What a person does is shown when the gateway has recorded it, never before. A refusal is shown as said.
import { signal } from '@preact/signals';
import type { AlarmView, Verdict } from '../contract';
import { ApiError, rest, type Actor } from '../link/rest';
import { isWall } from './route';
import { duty } from './settings';
import { phase, post, silenceHere, sound, takeAlarm, takeSilence } from './store';

export type Asking =
  | { about: 'verdict'; alarm: AlarmView }
  | { about: 'reset'; alarm: AlarmView }
  | { about: 'duty'; then: (() => void) | null }
  | { about: 'help' }
  | null;
export const asking = signal<Asking>(null); // the open dialog
export const actError = signal<ApiError | null>(null);
export const busy = signal<string | null>(null); // id of the alarm that is being acted on

// The person on duty; asks who it is when nobody has said so, then goes on.
function withActor(act: (actor: Actor) => void): void {
  const person = duty.value;
  if (person) act({ by: person.name, post: person.post });
  else asking.value = { about: 'duty', then: () => withActor(act) };
}

async function perform(alarm: string, act: () => Promise<void>): Promise<boolean> {
  busy.value = alarm;
  actError.value = null;
  try {
    await act();
    return true;
  } catch (error) {
    actError.value = error instanceof ApiError ? error : new ApiError('bug', String(error));
    return false;
  } finally {
    busy.value = null;
  }
}

export function acknowledge(alarm: AlarmView): void {
  withActor((actor) => void perform(alarm.id, async () => takeAlarm(await rest.acknowledge(alarm.id, actor))));
}

export function askVerdict(alarm: AlarmView): void {
  withActor(() => (asking.value = { about: 'verdict', alarm }));
}
export function giveVerdict(alarm: AlarmView, verdict: Verdict, why: string): void {
  asking.value = null;
  withActor((actor) => void perform(alarm.id, async () => takeAlarm(await rest.verdict(alarm.id, actor, verdict, why))));
}

export function askReset(alarm: AlarmView): void {
  withActor(() => (asking.value = { about: 'reset', alarm }));
}
export function reset(alarm: AlarmView, why: string): void {
  asking.value = null;
  withActor((actor) => void perform(alarm.id, async () => takeAlarm(await rest.reset(alarm.id, actor, why))));
}

// The sound of this post. Where the gateway cannot be asked, this console alone falls quiet: nobody should have to stand a
// sounder that cannot be stopped.
export function silence(): void {
  if (sound.value === 'none') return;
  if (phase.value === 'lost') {
    silenceHere();
    return;
  }
  const ask = async (actor: Actor) => {
    const done = await perform('silence', async () => takeSilence(await rest.silence(actor)));
    if (!done && actError.value?.code === 'unreachable') silenceHere();
  };
  if (isWall.value) void ask({ by: duty.value?.name ?? post.value, post: post.value });
  else withActor((actor) => void ask(actor));
}
