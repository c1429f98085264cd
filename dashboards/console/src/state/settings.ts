// What this console remembers on its own machine: language, theme, keys, and its post. Kept in localStorage; a browser
// that refuses storage keeps it until the page is closed.
import { effect, signal, type Signal } from '@preact/signals';

export function recalled(name: string): string | null {
  try {
    return localStorage.getItem(`firegate.${name}`);
  } catch {
    return null;
  }
}
export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`firegate.${name}`, value);
  } catch {
    // Storage is refused: the signal itself still holds the value.
  }
}

function stored<T extends string>(name: string, allowed: readonly T[], first: T): Signal<T> {
  const found = recalled(name) as T | null;
  const value = signal<T>(found !== null && allowed.includes(found) ? found : first);
  effect(() => remember(name, value.value));
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

// The post that this console answers for: a desk, a phone. Asked once, recorded with every act; empty: nobody has said.
export const postName = signal(recalled('duty_post') ?? '');
export function setPost(next: string): void {
  postName.value = next;
  remember('duty_post', next);
}
