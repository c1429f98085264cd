// Routes. Our URLs are permanent: people print and bookmark them.
import { computed, signal } from '@preact/signals';

const kRestoreWithin = 2_000; // ms; our choice
const kMoves = ['wheel', 'touchstart', 'keydown', 'pointerdown'] as const; // a person who moves the page is not moved back

const kNotOurs = ['/api/', '/ca']; // pages and files that the gateway makes

export const kRulesViews = ['list', 'files', 'backtest', 'shadow', 'versions'] as const;
export type RulesView = (typeof kRulesViews)[number];

export type Route =
  | { page: 'board' }
  | { page: 'wall'; post: string }
  | { page: 'alarm'; id: string }
  | { page: 'history' }
  | { page: 'devices' }
  | { page: 'unmapped' }
  | { page: 'tests' }
  | { page: 'import' }
  | { page: 'outbox' }
  | { page: 'device'; id: string }
  | { page: 'plan'; estate: string; building: string; floor: string; device: string; place: string } // device: to look at; place: to be placed
  | { page: 'labels' }
  | { page: 'health' }
  | { page: 'signin' }
  | { page: 'setup' }
  | { page: 'join' }
  | { page: 'password' }
  | { page: 'account' }
  | { page: 'users' }
  | { page: 'user'; id: string }
  | { page: 'sessions' }
  | { page: 'tokens' }
  | { page: 'screens' }
  | { page: 'journal' }
  | { page: 'figures' }
  | { page: 'rules'; view: RulesView }
  | { page: 'rule'; id: string }
  | { page: 'nowhere' };

export function parseRoute(path: string, search: string): Route {
  const [first = '', second, third, fourth, fifth] = path.split('/').filter((part) => part !== '').map(decode);
  if (first === 'plan' && second !== undefined && third !== undefined && fourth !== undefined && fifth === undefined) {
    const asked = new URLSearchParams(search);
    return { page: 'plan', estate: second, building: third, floor: fourth, device: asked.get('device') ?? '', place: asked.get('place') ?? '' };
  }
  if (third !== undefined) return { page: 'nowhere' };
  if (second !== undefined) {
    if (first === 'alarms') return { page: 'alarm', id: second };
    if (first === 'devices') return second === 'unmapped' ? { page: 'unmapped' } : { page: 'device', id: second };
    if (first === 'd') return { page: 'device', id: second }; // as printed on a label
    if (first === 'users') return { page: 'user', id: second };
    if (first === 'rules') return { page: 'rule', id: second };
    return { page: 'nowhere' };
  }
  switch (first) {
    case '':
    case 'board': return { page: 'board' };
    case 'wall': return { page: 'wall', post: new URLSearchParams(search).get('post') ?? 'wall' };
    case 'history': return { page: 'history' };
    case 'devices': return { page: 'devices' };
    case 'labels':
    case 'tests':
    case 'import':
    case 'outbox':
    case 'health':
    case 'signin':
    case 'setup':
    case 'join':
    case 'password':
    case 'account':
    case 'users':
    case 'sessions':
    case 'tokens':
    case 'screens':
    case 'figures':
    case 'journal': return { page: first };
    case 'rules': return { page: first, view: rulesView(new URLSearchParams(search).get('view')) };
    default: return { page: 'nowhere' };
  }
}

function rulesView(asked: string | null): RulesView {
  return kRulesViews.find((one) => one === asked) ?? 'list';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const place = signal({ path: '/', search: '' });
export const route = computed(() => parseRoute(place.value.path, place.value.search));
export const isWall = computed(() => route.value.page === 'wall');

function look(): void {
  place.value = { path: location.pathname, search: location.search };
}

// Instead of where one is: going back does not lead here again.
export function replaceWith(to: string): void {
  history.replaceState(null, '', to);
  look();
  scrollTo(0, 0);
}

export function navigate(to: string): void {
  if (to === location.pathname + location.search) return;
  history.replaceState({ scroll: scrollY }, '');
  history.pushState(null, '', to);
  look();
  scrollTo(0, 0);
}

// What the list of `page` is narrowed to stands in its address: it is there again after going back, and can be handed on.
// A page that has just been left writes into nobody's address.
export function keepSearch(page: Route['page'], values: Record<string, string>): void {
  if (route.peek().page !== page) return;
  const given = Object.entries(values).filter(([, value]) => value !== '');
  const search = given.length > 0 ? `?${new URLSearchParams(given).toString()}` : '';
  if (search !== location.search) history.replaceState(history.state, '', location.pathname + search);
}

// Back to where the page had been scrolled to, as soon as what it reads has made it long enough again.
function restoreScroll(to: number): void {
  const until = performance.now() + kRestoreWithin;
  const left = { value: false };
  const leave = () => (left.value = true);
  for (const kind of kMoves) addEventListener(kind, leave, { once: true, passive: true });
  const step = () => {
    if (left.value) return;
    if (document.documentElement.scrollHeight >= to + innerHeight) scrollTo(0, to);
    else if (performance.now() < until) requestAnimationFrame(step);
  };
  step();
}

function goneBack(): void {
  look();
  restoreScroll((history.state as { scroll?: number } | null)?.scroll ?? 0);
}

export function startRouting(): void {
  look();
  history.scrollRestoration = 'manual';
  addEventListener('popstate', goneBack);
  // Plain clicks on links of our own change the page without loading it anew.
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest('a');
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.target || link.hasAttribute('download') || link.origin !== location.origin || event.defaultPrevented) return;
    if (kNotOurs.some((start) => link.pathname.startsWith(start))) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}
