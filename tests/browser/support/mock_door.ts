// MockDoor: the door of the scripted gateway: users, sessions by cookie, PIN, invites, tokens, the journal. It keeps the contract that
// the pages rely on (codes, headers, what is asked for first); who may do what in earnest is tested where it is decided.
import type { IncomingMessage } from 'node:http';
import { randomBytes } from 'node:crypto';
import type {
  Grant, JournalEntry, JournalReport, Role, SessionRow, SessionView, TokenView, UserView,
} from '../../../dashboards/console/src/contract.ts';

export type Answer = [status: number, body: unknown, headers?: Record<string, string>];
const kCookie = '__Host-firegate';
const kConfirmHolds = 120_000;
const kPowers: readonly Role[] = ['manager', 'admin'];
const kMay: Record<string, readonly Role[]> = {
  look: ['viewer', 'operator', 'duty', 'installer', 'manager', 'admin'],
  silence: ['operator', 'duty'],
  handle_alarms: ['operator', 'duty'],
  command: ['duty', 'manager'],
  map_devices: ['installer', 'manager'],
  edit_rules: ['manager'],
  read_journal: ['manager', 'admin'],
  administer: ['admin'],
};

interface User {
  view: UserView;
  password: string;
  pin: string;
}
export interface Session {
  secret: string;
  csrf: string;
  row: SessionRow;
  user: string;
  grants: Grant[];
  confirmedUntil: number;
  asleep: boolean;
  wrong: number;
}
interface Invite {
  kind: 'phone' | 'wall' | 'password';
  user: string;
  label: string;
  grants: Grant[];
}

const word = () => randomBytes(12).toString('base64url');
const later = (ms: number) => new Date(Date.now() + ms).toISOString();

export function problem(status: number, code: string, detail: string, more: object = {}, headers: Record<string, string> = {}): Answer {
  return [status, { type: 'about:blank', title: code, status, code, detail, request_id: 'r-00042', ...more }, headers];
}

export class MockDoor {
  readonly users = new Map<string, User>();
  readonly sessions = new Map<string, Session>();
  readonly requests: { method: string; path: string; background: boolean; token: string | null; key: string | null }[] = [];
  tokens: TokenView[] = [];
  journal: JournalEntry[] = [];
  report: JournalReport = { ok: true, rows: 0, first: 0, last: 0, unchained: 0, checkpoints: 0, findings: [], more_findings: 0 };
  setupCode: string | null = null;
  everybodyIs: string | null = 'wangfang'; // who opens a page is signed in at once; null: they sign in themselves
  wait = 0; // seconds until sign-ins are looked at again
  onEnd: (session: Session, reason: string) => void = () => undefined;
  #invites = new Map<string, Invite>();
  #tickets = new Map<string, string>();
  #answers = new Map<string, Answer>();

  constructor() {
    const every = (role: Role): Grant => ({ role, estate: '*' });
    this.addUser('wangfang', '王芳', 'correct horse', [every('duty'), every('manager'), every('admin')], '271828');
    this.addUser('liqiang', '李强', 'battery staple', [{ role: 'duty', estate: 'jinxiu' }]);
  }

  addUser(id: string, name: string, password: string, grants: Grant[], pin = ''): User {
    const at = new Date().toISOString();
    const view = { id, name, grants, has_password: password !== '', has_pin: pin !== '', disabled: false, created_at: at, changed_at: at, revision: 1 };
    const user = { view, password, pin };
    this.users.set(id, user);
    return user;
  }

  // The header that signs in whoever opens a page, where the script says so.
  welcome(request: IncomingMessage): Record<string, string> {
    if (!this.everybodyIs || this.sessionOf(request)) return {};
    return this.#open(this.everybodyIs, 'person', 'Chromium').headers;
  }

  sessionOf(request: IncomingMessage): Session | null {
    const secret = new RegExp(`${kCookie}=([^;]+)`).exec(request.headers.cookie ?? '')?.[1] ?? '';
    return this.sessions.get(secret) ?? null;
  }

  nameOf(session: Session): string {
    return session.row.kind === 'wall' ? session.row.label : this.users.get(session.user)!.view.name;
  }

  letsIn(request: IncomingMessage, ticket: string): Session | null {
    const session = this.sessionOf(request);
    const good = session !== null && this.#tickets.get(ticket) === session.secret;
    this.#tickets.delete(ticket);
    return good ? session : null;
  }

  end(session: Session, reason = 'session_ended'): void {
    this.sessions.delete(session.secret);
    this.onEnd(session, reason);
  }
  endAll(reason = 'session_ended'): void {
    for (const session of [...this.sessions.values()]) this.end(session, reason);
  }
  // Everybody has just given the PIN.
  confirmAll(): void {
    for (const session of this.sessions.values()) session.confirmedUntil = Date.now() + 60_000;
  }
  sleep(): void {
    for (const session of this.sessions.values()) session.asleep = true;
  }

  // What the door answers itself; a session where the request may go on.
  answer(request: IncomingMessage, url: URL, body: string): Answer | Session {
    const method = request.method ?? 'GET';
    const path = url.pathname.slice('/api/v1'.length);
    const key = header(request, 'idempotency-key');
    this.requests.push({ method, path, background: header(request, 'x-firegate-background') === '1', token: header(request, 'x-firegate-token'), key });
    const given = (/^\s*[{[]/.test(body) ? JSON.parse(body) : {}) as Record<string, never>;
    const session = this.sessionOf(request);
    const open = this.#open_(method, path, given, session);
    if (open) return open;
    if (!session) return problem(401, 'unauthenticated', `${method} ${path}: nobody is signed in`);
    if (method !== 'GET' && header(request, 'x-firegate-token') !== session.csrf) return problem(403, 'forbidden', 'the token is missing');
    const known = key && this.#answers.get(`${key}${path}`);
    if (known) return known;
    const answer = this.#own(method, path, given, session) ?? this.#office(method, path, given, session, request, url);
    if (key && answer) this.#answers.set(`${key}${path}`, answer);
    return answer ?? session;
  }

  #note(session: Session | null, kind: string, subject: string, more: Partial<JournalEntry> = {}): void {
    this.journal.unshift({
      seq: this.journal.length + 1, at: new Date().toISOString(), kind, alarm: null, subject, from: '', to: '',
      who: session ? `user:${session.user}` : 'system', name: session ? this.nameOf(session) : '', post: '', address: '127.0.0.1', why: '', ...more,
    });
  }

  #view(session: Session | null): SessionView {
    const setup_needed = this.setupCode !== null;
    if (!session) return { signed_in: false, setup_needed, powers_asleep: false, version: '0.1.0' };
    const { id, name, grants, has_pin } = this.users.get(session.user)!.view;
    const powers = session.row.kind === 'person' && grants.some(({ role }) => kPowers.includes(role));
    return {
      signed_in: true, setup_needed, user: { id, name, grants, has_pin }, permissions: this.#permissions(session), kind: session.row.kind,
      label: session.row.label, csrf: session.csrf, ends_at: session.row.ends_at, version: '0.1.0', powers_asleep: powers && session.asleep,
      ...(session.confirmedUntil > Date.now() ? { confirmed_until: new Date(session.confirmedUntil).toISOString() } : {}),
    };
  }
  #permissions(session: Session): Record<string, string[]> {
    const awake = session.grants.filter(({ role }) => !(session.asleep && session.row.kind === 'person' && kPowers.includes(role)));
    const wall = session.row.kind === 'wall';
    return Object.fromEntries(Object.entries(kMay)
      .filter(([name]) => !wall || name === 'look' || name === 'silence')
      .map(([name, roles]) => [name, [...new Set(awake.filter(({ role }) => roles.includes(role)).map(({ estate }) => estate))]]));
  }
  #may(session: Session, permission: string): Answer | null {
    if ((this.#permissions(session)[permission] ?? []).length > 0) return null;
    const asleep = session.asleep && session.grants.some(({ role }) => kMay[permission]!.includes(role));
    if (asleep) return problem(403, 'password_required', `${permission}: the powers are asleep`);
    return problem(403, 'forbidden', `${permission} is not among the permissions of ${session.user}`);
  }
  #confirmed(session: Session): Answer | null {
    return session.confirmedUntil > Date.now() ? null : problem(403, 'pin_required', 'this act needs the PIN');
  }

  #open(user: string, kind: SessionRow['kind'], label: string, grants: Grant[] = this.users.get(user)!.view.grants): { session: Session; headers: Record<string, string> } {
    const secret = word();
    const now = new Date().toISOString();
    const row: SessionRow = {
      id: word(), user, kind, label, address: '127.0.0.1', created_at: now, used_at: now, ends_at: kind === 'wall' ? null : later(86_400_000), current: false,
    };
    const session: Session = { secret, csrf: word(), row, user, grants, confirmedUntil: 0, asleep: false, wrong: 0 };
    this.sessions.set(secret, session);
    this.#note(session, 'sign_in', `session:${row.id}`);
    return { session, headers: { 'set-cookie': `${kCookie}=${secret}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=86400` } };
  }

  #open_(method: string, path: string, given: Record<string, string>, session: Session | null): Answer | null {
    switch (`${method} ${path}`) {
      case 'GET /session': return [200, this.#view(session)];
      case 'POST /session': {
        if (this.wait > 0) return problem(429, 'too_many_attempts', 'signing in: too many tries failed', {}, { 'retry-after': String(this.wait) });
        const user = this.users.get(given['user'] ?? '');
        if (!user || user.view.disabled || user.password === '' || user.password !== given['password']) {
          this.#note(null, 'sign_in_refused', `user:${given['user']}`);
          return problem(401, 'unauthenticated', 'signing in: name or password is wrong');
        }
        const opened = this.#open(user.view.id, 'person', 'Chromium');
        return [200, this.#view(opened.session), opened.headers];
      }
      case 'POST /setup': {
        if (this.setupCode === null) return problem(409, 'refused', 'setting up: there are users already');
        if (given['code'] !== this.setupCode) return problem(401, 'unauthenticated', 'setting up: the code is wrong');
        this.setupCode = null;
        const every = (Object.keys(kRoles) as Role[]).map((role) => ({ role, estate: '*' }));
        this.addUser(given['user']!, given['name']!, given['password']!, every);
        const opened = this.#open(given['user']!, 'person', 'Chromium');
        return [200, this.#view(opened.session), opened.headers];
      }
      case 'POST /invites:redeem': {
        const invite = this.#invites.get(given['secret'] ?? '');
        if (!invite || invite.kind === 'password') return problem(401, 'unauthenticated', 'using an invite: it is wrong, was used before, or has ended');
        this.#invites.delete(given['secret']!);
        const opened = this.#open(invite.user, invite.kind, invite.label, invite.grants);
        return [200, this.#view(opened.session), opened.headers];
      }
      case 'POST /password': {
        const invite = this.#invites.get(given['secret'] ?? '');
        if (invite?.kind !== 'password') return problem(401, 'unauthenticated', 'using an invite: it is wrong, was used before, or has ended');
        this.#invites.delete(given['secret']!);
        const user = this.users.get(invite.user)!;
        user.password = given['password']!;
        user.view.has_password = true;
        return [204, null];
      }
      default: return null;
    }
  }

  // What everybody may who is in.
  #own(method: string, path: string, given: Record<string, string>, session: Session): Answer | null {
    const user = this.users.get(session.user)!;
    const ownEnd = /^\/account\/sessions\/(.+)$/.exec(path)?.[1];
    if (method === 'DELETE' && ownEnd) {
      const found = [...this.sessions.values()].find(({ row, user: whose }) => row.id === decodeURIComponent(ownEnd) && whose === session.user);
      if (!found) return problem(404, 'not_found', `ending session ${ownEnd}: no such session`);
      this.end(found);
      return [204, null];
    }
    switch (`${method} ${path}`) {
      case 'DELETE /session':
        this.end(session, 'signed_out');
        return [204, null, { 'set-cookie': `${kCookie}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0` }];
      case 'POST /session:ticket': {
        const ticket = word();
        this.#tickets.set(ticket, session.secret);
        return [200, { ticket }];
      }
      case 'POST /session:confirm': {
        const right = 'pin' in given ? user.pin !== '' && given['pin'] === user.pin : given['password'] === user.password;
        if (!right) {
          session.wrong += 1;
          if (session.wrong >= 5) this.end(session);
          return problem(401, 'unauthenticated', `confirming: the ${'pin' in given ? 'PIN' : 'password'} is wrong`);
        }
        session.wrong = 0;
        session.confirmedUntil = Date.now() + kConfirmHolds;
        if ('password' in given) session.asleep = false;
        return [200, this.#view(session)];
      }
      case 'GET /account/sessions':
        return [200, { sessions: this.#rows(session).filter((one) => one.user === session.user) }];
      case 'PUT /account/password':
        if (given['old'] !== user.password) return problem(401, 'unauthenticated', 'changing the password: the present one is wrong');
        user.password = given['new']!;
        for (const one of [...this.sessions.values()]) if (one.user === session.user && one !== session) this.end(one);
        return [204, null];
      case 'PUT /account/pin':
        if (given['password'] !== user.password) return problem(401, 'unauthenticated', 'changing the PIN: the password is wrong');
        if (given['pin'] === '123456') return problem(400, 'bad_input', 'choosing a PIN: six equal digits and runs such as 123456 are tried first');
        user.pin = given['pin']!;
        user.view.has_pin = true;
        return [204, null];
      default: return null;
    }
  }

  #rows(session: Session): SessionRow[] {
    return [...this.sessions.values()].map((one) => ({ ...one.row, current: one === session }));
  }

  #office(method: string, path: string, given: Record<string, never>, session: Session, request: IncomingMessage, url: URL): Answer | null {
    const [, first = '', second] = path.split(/[/:]/).map(decodeURIComponent);
    const needs = { users: 'administer', sessions: 'administer', tokens: 'administer', invites: 'administer', journal: 'read_journal', 'journal.csv': 'read_journal' }[first] ?? this.#ofRules(method, path);
    if (!needs) return null;
    const free = method === 'GET' || first === 'journal' || (first === 'rules' && !/:(publish|rollback)$/.test(path));
    const refused = this.#may(session, needs) ?? (free ? null : this.#confirmed(session));
    if (refused) return refused;
    if (first === 'rules') return null;
    if (first === 'users') return this.#users(method, path, second, given, session, request);
    if (first === 'sessions') {
      if (!second) return [200, { sessions: this.#rows(session) }];
      const found = [...this.sessions.values()].find(({ row }) => row.id === second);
      if (!found) return problem(404, 'not_found', `ending session ${second}: no such session`);
      this.end(found);
      return [204, null];
    }
    if (first === 'tokens') return this.#tokens_(method, second, given, session);
    if (first === 'invites') {
      const { kind, label, grants, user = session.user } = given as unknown as { kind: 'phone' | 'wall'; label: string; grants: Grant[]; user?: string };
      if (!this.users.has(user)) return problem(404, 'not_found', `inviting: no user "${user}"`);
      return [201, this.#invite({ kind, label, grants, user }, '/join')];
    }
    if (path === '/journal:verify') {
      const at = new Date().toISOString();
      const check = { state: 'done', started_at: at, ended_at: at, rows: this.report.rows, of: this.report.rows, report: this.report, error: null };
      return [method === 'POST' ? 202 : 200, check];
    }
    return [200, this.#journal(url.searchParams)];
  }

  // Everybody may see what the rules are and what they raised.
  #ofRules(method: string, path: string): string | undefined {
    const open = method === 'GET' && (path === '/rules' || path === '/rules/hits');
    return /^\/rules\b/.test(path) && !open ? 'edit_rules' : undefined;
  }

  #invite(invite: Invite, page: string): { secret: string; url_path: string; ends_at: string } {
    const secret = word();
    this.#invites.set(secret, invite);
    return { secret, url_path: `${page}#${secret}`, ends_at: later(600_000) };
  }

  #users(method: string, path: string, id: string | undefined, given: Record<string, never>, session: Session, request: IncomingMessage): Answer {
    const asked = given as unknown as Partial<UserView>;
    if (!id) {
      if (method === 'GET') return [200, { users: [...this.users.values()].map(({ view }) => view) }];
      if (this.users.has(asked.id!)) return problem(409, 'refused', `making user ${asked.id}: there is one of this id`);
      const user = this.addUser(asked.id!, asked.name!, '', asked.grants!);
      this.#note(session, 'user_create', `user:${asked.id}`, { to: asked.name! });
      return [201, { ...user.view, invite: this.#invite({ kind: 'password', user: asked.id!, label: '', grants: [] }, '/password') }];
    }
    const user = this.users.get(id);
    if (!user) return problem(404, 'not_found', `user ${id}: no such user`);
    if (path.endsWith(':invite')) return [200, this.#invite({ kind: 'password', user: id, label: '', grants: [] }, '/password')];
    if (method === 'GET') return [200, user.view, { etag: `"${user.view.revision}"` }];
    const match = header(request, 'if-match');
    if (!match) return problem(428, 'precondition_required', `changing user ${id}: If-Match is missing`);
    if (match !== `"${user.view.revision}"`) return problem(412, 'precondition_failed', `changing user ${id}: it is ${user.view.revision} by now`);
    if (method === 'DELETE') {
      this.users.delete(id);
      for (const one of [...this.sessions.values()]) if (one.user === id) this.end(one);
      return [204, null];
    }
    user.view = { ...user.view, ...asked, revision: user.view.revision + 1 };
    this.#note(session, 'user_change', `user:${id}`);
    return [200, user.view];
  }

  #tokens_(method: string, id: string | undefined, given: Record<string, never>, session: Session): Answer {
    if (method === 'GET') return [200, { tokens: this.tokens }];
    if (method === 'DELETE') {
      this.tokens = this.tokens.filter((one) => one.id !== id);
      return [204, null];
    }
    const asked = given as unknown as { name: string; grants: Grant[]; ends_at: string };
    const at = new Date().toISOString();
    const token: TokenView = { id: randomBytes(4).toString('hex'), user: session.user, created_at: at, used_at: at, ...asked };
    this.tokens = [...this.tokens, token];
    return [201, { token, secret: `fgt_${token.id}_${word()}` }];
  }

  #journal(given: URLSearchParams): unknown {
    const wanted = (name: string, value: string | null | undefined) => !given.get(name) || value === given.get(name);
    const found = this.journal.filter((one) => wanted('kind', one.kind) && wanted('who', one.who) && wanted('subject', one.subject));
    const from = Number(given.get('cursor') ?? 0);
    const limit = Number(given.get('limit') ?? 100);
    return { entries: found.slice(from, from + limit), next_cursor: from + limit < found.length ? String(from + limit) : null };
  }
}

const kRoles: Record<Role, true> = { viewer: true, operator: true, duty: true, installer: true, manager: true, admin: true };

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}
