// Routes. Our URLs are permanent: people print and bookmark them.
import { computed, signal } from '@preact/signals';

export type Route =
  | { page: 'board' }
  | { page: 'wall'; post: string }
  | { page: 'alarm'; id: string }
  | { page: 'history' }
  | { page: 'devices' }
  | { page: 'unmapped' }
  | { page: 'device'; id: string }
  | { page: 'health' }
  | { page: 'nowhere' };

export function parseRoute(path: string, search: string): Route {
  const [first = '', second, third] = path.split('/').filter((part) => part !== '').map(decode);
  if (third !== undefined) return { page: 'nowhere' };
  if (second !== undefined) {
    if (first === 'alarms') return { page: 'alarm', id: second };
    if (first === 'devices') return second === 'unmapped' ? { page: 'unmapped' } : { page: 'device', id: second };
    return { page: 'nowhere' };
  }
  switch (first) {
    case '':
    case 'board': return { page: 'board' };
    case 'wall': return { page: 'wall', post: new URLSearchParams(search).get('post') ?? 'wall' };
    case 'history': return { page: 'history' };
    case 'devices': return { page: 'devices' };
    case 'health': return { page: 'health' };
    default: return { page: 'nowhere' };
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const place = signal({ path: '/', search: '' });
export const route = computed(() => parseRoute(place.value.path, place.value.search));
export const isWall = computed(() => route.value.page === 'wall');

function look(): void {
  place.value = { path: location.pathname, search: location.search };
}

export function navigate(to: string): void {
  if (to === location.pathname + location.search) return;
  history.pushState(null, '', to);
  look();
  scrollTo(0, 0);
}

export function startRouting(): void {
  look();
  addEventListener('popstate', look);
  // Plain clicks on links of our own change the page without loading it anew.
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest('a');
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.target || link.origin !== location.origin || event.defaultPrevented) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}
