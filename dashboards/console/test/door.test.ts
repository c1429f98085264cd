import { afterEach, describe, expect, it } from 'vitest';
import type { Grant, SessionView } from '../src/contract';
import { draft, dropDrafts, typing } from '../src/state/drafts';
import { guard, returnPath, signInPath } from '../src/state/guard';
import { grantsFor, ownEstates } from '../src/state/invites';
import { officesOf } from '../src/state/menu';
import { secret, takeSecret } from '../src/state/secret';
import {
  confirming, confirmPerson, door, ended, may, mayOnceAwake, noteEnd, session, since, takeSession, type Permission,
} from '../src/state/session';

const kOrigin = 'https://gateway.test';
const out: SessionView = { signed_in: false, setup_needed: false, version: '0.1.0', powers_asleep: false };
const grant = (role: Grant['role'], estate = '*'): Grant => ({ role, estate });
function signedIn(permissions: Partial<Record<Permission, string[]>>, more: Partial<SessionView> = {}): SessionView {
  return {
    ...out, signed_in: true, kind: 'person', label: 'Firefox', csrf: 'token', permissions: permissions as Record<string, string[]>,
    user: { id: 'wangfang', name: '王芳', grants: [grant('duty')], has_pin: true }, ...more,
  };
}

afterEach(() => {
  session.value = null;
  since.value = null;
  ended.value = null;
  confirming.value = null;
});

describe('Permissions', () => {
  it('are of an estate, or of every one', () => {
    session.value = signedIn({ handle_alarms: ['sunny'], look: ['*'] });
    expect(may('handle_alarms', 'sunny')).toBe(true);
    expect(may('handle_alarms', 'lake')).toBe(false);
    expect(may('look', 'lake')).toBe(true);
    expect(may('administer')).toBe(false);
  });
  it('reach what belongs to no estate', () => {
    session.value = signedIn({ handle_alarms: ['sunny'] });
    expect(may('handle_alarms', '')).toBe(true);
    expect(may('handle_alarms', 'unmapped:z2m-1')).toBe(true);
    expect(may('command', '')).toBe(false);
  });
  it('are none while nobody is signed in', () => {
    session.value = out;
    expect(may('look')).toBe(false);
  });
  it('that sleep are still offered, to whom they were granted', () => {
    session.value = signedIn({ look: ['*'] }, { powers_asleep: true, user: { id: 'a', name: 'A', has_pin: false, grants: [grant('duty'), grant('admin')] } });
    expect(may('administer')).toBe(false);
    expect(mayOnceAwake('administer')).toBe(true);
    expect(mayOnceAwake('edit_rules')).toBe(false);
    session.value = { ...session.value, powers_asleep: false };
    expect(mayOnceAwake('administer')).toBe(false);
  });
});

describe('Menu', () => {
  const shown = (...permissions: Permission[]) => officesOf((one) => permissions.includes(one)).map(({ href }) => href);
  it('shows what one may, and nothing else', () => {
    expect(shown('look', 'silence', 'handle_alarms')).toEqual([]);
    expect(shown('read_journal')).toEqual(['/figures', '/journal']);
    expect(shown('map_devices')).toEqual(['/rules', '/screens']);
    expect(shown('administer', 'read_journal')).toEqual(['/rules', '/figures', '/users', '/screens', '/sessions', '/tokens', '/journal']);
  });
});

describe('Guard', () => {
  const at = (path: string, search = '') => ({ path, search });
  it('waits until it is known who this is', () => {
    expect(guard(null, at('/users'), kOrigin)).toBeNull();
  });
  it('leads to the first-run page, and nowhere else', () => {
    expect(guard({ ...out, setup_needed: true }, at('/board'), kOrigin)).toBe('/setup');
    expect(guard({ ...out, setup_needed: true }, at('/setup'), kOrigin)).toBeNull();
    expect(guard(out, at('/setup'), kOrigin)).toBe('/signin');
  });
  it('leads to sign-in and back to where one was', () => {
    const to = guard(out, at('/history', '?from=2026-11-01'), kOrigin)!;
    expect(to).toBe('/signin?to=%2Fhistory%3Ffrom%3D2026-11-01');
    const search = to.slice('/signin'.length);
    expect(guard(signedIn({}), at('/signin', search), kOrigin)).toBe('/history?from=2026-11-01');
  });
  it('leaves a link of an invite alone', () => {
    expect(guard(out, at('/join'), kOrigin)).toBeNull();
    expect(guard(out, at('/password'), kOrigin)).toBeNull();
  });
  it('lets somebody sign in at a wall, and shows the wall its own page', () => {
    const wall = signedIn({ look: ['*'] }, { kind: 'wall', label: 'hall 1' });
    expect(guard(wall, at('/signin'), kOrigin)).toBeNull();
    expect(guard(wall, at('/'), kOrigin)).toBe('/wall?post=hall%201');
  });
  it('leaves a wall that is signed out where it is', () => {
    expect(guard(out, at('/wall', '?post=hall-1'), kOrigin)).toBeNull();
    expect(returnPath('?to=%2Fwall%3Fpost%3Dhall-1', kOrigin)).toBe('/wall?post=hall-1');
  });
  it('says nothing of the board in the address of sign-in', () => {
    expect(signInPath('/board')).toBe('/signin');
  });
  it.each([
    ['//evil.test/x'], ['https://evil.test/x'], ['/\\evil.test'], ['javascript:alert(1)'], ['/signin?to=/signin'], [''], ['\t//evil.test'],
  ])('never returns to %s', (to) => {
    expect(returnPath(`?to=${encodeURIComponent(to)}`, kOrigin)).toBe('/board');
  });
});

describe('Secret of an invite', () => {
  it('is read once and taken out of the address bar', () => {
    const replaced: string[] = [];
    takeSecret({ pathname: '/join', search: '', hash: '#abc-DEF_1' }, (url) => replaced.push(url));
    expect(secret.value).toBe('abc-DEF_1');
    expect(replaced).toEqual(['/join']);
  });
  it('is looked for where invites lead, only', () => {
    secret.value = '';
    const replaced: string[] = [];
    takeSecret({ pathname: '/board', search: '', hash: '#main' }, (url) => replaced.push(url));
    takeSecret({ pathname: '/password', search: '', hash: '' }, (url) => replaced.push(url));
    expect(secret.value).toBe('');
    expect(replaced).toEqual([]);
  });
});

describe('Session', () => {
  it('that ends from outside leaves word of who it was, and whether it answered for alarms', () => {
    takeSession(signedIn({ silence: ['*'] }));
    takeSession(out);
    expect(ended.value).toEqual({ how: 'by_gateway', person: 'person/wangfang/Firefox', answered: true });
    expect(session.value?.signed_in).toBe(false);
  });
  it('that is ended by hand says so, and keeps no token', () => {
    takeSession(signedIn({ read_journal: ['*'] }));
    noteEnd('by_hand');
    expect(ended.value).toMatchObject({ how: 'by_hand', answered: false });
    expect(door.token()).toBeNull();
  });
  it('of another person forgets since when', () => {
    takeSession(signedIn({}));
    since.value = '2026-11-22T03:00:00.000Z';
    takeSession(signedIn({}, { csrf: 'token-2' }));
    expect(since.value).not.toBeNull();
    takeSession(signedIn({}, { user: { id: 'liqiang', name: '李强', grants: [], has_pin: false } }));
    expect(since.value).toBeNull();
  });
  it('asks one question for all requests that wait for it', async () => {
    const first = confirmPerson('pin');
    const second = confirmPerson('pin');
    confirming.value?.answer(true);
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(confirming.value).toBeNull();
  });
  it('that ends takes the open question with it', async () => {
    session.value = signedIn({});
    const asked = confirmPerson('password');
    door.signedOut();
    expect(await asked).toBe(false);
    expect(ended.value?.how).toBe('by_gateway');
  });
});

describe('Draft', () => {
  afterEach(dropDrafts);
  it('outlives its page, until it is done', () => {
    draft('reset/1', '').value.value = 'the pan';
    expect(draft('reset/1', '').value.value).toBe('the pan');
    draft('reset/1', '').drop();
    expect(draft('reset/1', '').value.value).toBe('');
  });
  it('counts as typing only when it differs from what it began with', () => {
    const name = draft('user/name', '王芳');
    expect(typing.value).toBe(false);
    name.value.value = '王方';
    expect(typing.value).toBe(true);
    dropDrafts();
    expect(typing.value).toBe(false);
  });
});

describe('What an invite may carry', () => {
  const own = [grant('admin'), grant('duty', 'sunny'), grant('operator', 'lake')];
  it('is of one’s own estates, the whole first', () => {
    expect(ownEstates(own)).toEqual(['*', 'lake', 'sunny']);
  });
  it('gives a wall one’s roles in the estate, and a phone those without powers', () => {
    expect(grantsFor('wall', own, 'sunny')).toEqual([grant('admin', 'sunny'), grant('duty', 'sunny')]);
    expect(grantsFor('phone', own, 'sunny')).toEqual([grant('duty', 'sunny')]);
    expect(grantsFor('phone', own, '*')).toEqual([]);
  });
});
