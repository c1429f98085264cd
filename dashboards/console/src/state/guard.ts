// Where somebody is sent who may not be where they are: to the first-run page, to sign-in, and from there back. Pure.
import type { SessionView } from '../contract';
import { parseRoute, type Route } from './route';

export const kOpenPages: readonly Route['page'][] = ['signin', 'setup', 'join', 'password'];

// A path of ours, from an address that anybody may have written; the board where it is not.
export function returnPath(search: string, origin: string): string {
  const to = new URLSearchParams(search).get('to') ?? '';
  if (!URL.canParse(to, origin)) return '/board';
  const url = new URL(to, origin);
  const ours = to.startsWith('/') && url.origin === origin;
  return ours && !kOpenPages.includes(parseRoute(url.pathname, url.search).page) ? url.pathname + url.search : '/board';
}

export function signInPath(from: string): string {
  return from === '/' || from === '/board' ? '/signin' : `/signin?to=${encodeURIComponent(from)}`;
}

// The path to go to, null to stay.
export function guard(session: SessionView | null, at: Location_, origin: string): string | null {
  if (!session) return null;
  const { page } = parseRoute(at.path, at.search);
  if (session.setup_needed) return page === 'setup' ? null : '/setup';
  if (!session.signed_in && page === 'setup') return '/signin';
  if (!session.signed_in) return kOpenPages.includes(page) || page === 'wall' ? null : signInPath(at.path + at.search); // a wall says it in its own size
  if (page === 'signin' && session.kind !== 'wall') return returnPath(at.search, origin); // at a wall, somebody else may sign in
  if (session.kind === 'wall' && at.path === '/') return wallPath(session.label ?? '');
  return null;
}
interface Location_ {
  path: string;
  search: string;
}

export function wallPath(label: string): string {
  return `/wall?post=${encodeURIComponent(label)}`;
}
