// Which sound a console makes. One at a time, the most urgent wins. Pure.
import type { AlarmSound, AlarmView, Silence } from '../contract';
import { announced, rank } from '../state/board';
import type { Phase } from '../link/freshness';

export type SoundKind = AlarmSound | 'lost';

export interface SoundInput {
  alarms: Iterable<AlarmView>;
  silence: Silence | undefined; // of this post
  localSilenceUntil: number; // this console alone, wall ms: what M does while the gateway cannot be asked
  beepFaults: boolean; // false: fault beeps are off for the night
  phase: Phase;
  now: number; // the gateway's time, ms
  localNow: number; // wall ms
}

function silenced(alarm: AlarmView, silence: Silence | undefined, now: number): boolean {
  if (!silence?.until || Date.parse(silence.until) <= now) return false;
  return rank(alarm.priority) >= rank(silence.priority);
}

export function chooseSound(input: SoundInput): SoundKind {
  if (input.localNow < input.localSilenceUntil) return 'none';
  let loudest: AlarmView | null = null;
  for (const alarm of input.alarms) {
    if (!announced(alarm) || alarm.sound === 'none' || silenced(alarm, input.silence, input.now)) continue;
    if (alarm.sound === 'beep' && !input.beepFaults) continue;
    if (!loudest || rank(alarm.priority) < rank(loudest.priority)) loudest = alarm;
  }
  const life = loudest !== null && rank(loudest.priority) <= rank('life_threat');
  if (input.phase === 'lost' && !life) return 'lost'; // a cut link never quiets a fire
  return loudest?.sound ?? 'none';
}
