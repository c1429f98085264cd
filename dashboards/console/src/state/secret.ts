// The secret of an invite, or the code of the first start, from the fragment of its link: read once, and taken out of the address bar and the history at once.
import { signal } from '@preact/signals';

const kPaths: readonly string[] = ['/join', '/password', '/setup'];

export const secret = signal('');

interface Where {
  pathname: string;
  search: string;
  hash: string;
}

export function takeSecret(at: Where, replace: (url: string) => void): void {
  if (!kPaths.includes(at.pathname) || at.hash.length < 2) return;
  secret.value = decodeFragment(at.hash.slice(1));
  replace(at.pathname + at.search);
}

function decodeFragment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function startSecrets(): void {
  const take = () => takeSecret(location, (url) => history.replaceState(history.state, '', url));
  take();
  addEventListener('hashchange', take);
}
