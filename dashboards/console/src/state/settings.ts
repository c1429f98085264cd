// What this console remembers on its own machine: language, theme, keys, and who is on duty. Kept in localStorage; a browser
// that refuses storage keeps it until the page is closed.
import { effect, signal, type Signal } from '@preact/signals';

function read(name: string): string | null {
  try {
    return localStorage.getItem(`firegate.${name}`);
  } catch {
    return null;
  }
}
function write(name: string, value: string): void {
  try {
    localStorage.setItem(`firegate.${name}`, value);
  } catch {
    // Storage is refused: the signal itself still holds the value.
  }
}

function stored<T extends string>(name: string, allowed: readonly T[], first: T): Signal<T> {
  const found = read(name) as T | null;
  const value = signal<T>(found !== null && allowed.includes(found) ? found : first);
  effect(() => write(name, value.value));
  return value;
}

export type Language = 'zh' | 'en';
export const language = stored<Language>('language', ['zh', 'en'], 'zh');
export const theme = stored<'auto' | 'day' | 'night'>('theme', ['auto', 'day', 'night'], 'auto');
export const keys = stored<'on' | 'off'>('keys', ['on', 'off'], 'on'); // single-letter keys (WCAG 2.1.4)
export const nightBeep = stored<'on' | 'off'>('night_beep', ['on', 'off'], 'on'); // fault beeps at night

const systemDark = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;
const systemNight = signal(systemDark?.matches ?? false);
systemDark?.addEventListener('change', (event) => (systemNight.value = event.matches));
export function isNight(): boolean {
  return theme.value === 'night' || (theme.value === 'auto' && systemNight.value);
}

export interface Duty {
  name: string;
  post: string;
}
function readDuty(): Duty | null {
  const name = read('duty_name');
  const post = read('duty_post');
  return name && post ? { name, post } : null;
}
// Until the gateway has accounts: asked once, stored with every act.
export const duty = signal<Duty | null>(readDuty());
export function setDuty(next: Duty): void {
  duty.value = next;
  write('duty_name', next.name);
  write('duty_post', next.post);
}
