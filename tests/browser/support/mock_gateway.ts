// MockGateway: speaks the API and the live feed of the gateway, from a script. For the states of the pages that a real gateway
// cannot be brought into at will; what the real one does is tested in real_*.test.ts.
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer, type WebSocket } from 'ws';
import type {
  AlarmFigures, AlarmState, AlarmView, ConsoleReport, DeviceView, Health, Held, Priority, RawMessage, RejectedSample, RuleInfo, Silence, TimelineEntry,
  Verdict,
} from '../../../dashboards/console/src/contract.ts';
import { kClasses, makeAlarm, makeDevices } from './estate.ts';
import { MockDoor, problem, type Answer, type Session } from './mock_door.ts';
import { MockInstall } from './mock_install.ts';
import { MockRules } from './mock_rules.ts';

export const kConsoleDist =
  process.env['FIREGATE_CONSOLE_DIST'] ?? fileURLToPath(new URL('../../../dashboards/console/dist', import.meta.url));
const kCsp = "default-src 'self'; frame-ancestors 'none'; report-uri /csp-report";
const kHeartbeat = 5_000;
const kSilence = 10 * 60_000;
const kMime: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
};
const kUrgency: Priority[] = ['fire', 'life_threat', 'pre_alarm', 'supervisory', 'fault', 'info'];

const kOffers = [
  { command: 'cut_off', needs_port: true, dangerous: true },
  { command: 'query', needs_port: false, dangerous: false },
];
export class MockGateway {
  readonly door = new MockDoor();
  readonly alarms = new Map<string, AlarmView>();
  readonly past: AlarmView[] = [];
  readonly reports: ConsoleReport[] = [];
  readonly violations: string[] = [];
  devices: DeviceView[];
  readonly install = new MockInstall({
    devices: () => this.devices,
    setDevices: (devices) => (this.devices = devices),
    tell: (type, data) => this.#event(type, data),
  });
  deaf = false; // what is asked for is done, and no answer comes back
  messages: RawMessage[] = []; // of every device
  rejected: RejectedSample[] = [];
  disablements: Held['disablements'] = [];
  figures: AlarmFigures = {
    from: '', to: '', raises: 0, by_priority: {}, per_10_min: 0, per_hour: 0, per_day: 0, most_in_10_min: 0, in_flood: false, in_flood_pct: 0, standing: 0,
    unacknowledged: 0, shelved: 0, suppressed: 0, out_of_service: 0, stale: [], chattering: [], bad_actors: [], bad_actors_pct: 0, acknowledged: 0,
    acknowledge_median_ms: null, acknowledge_p95_ms: null,
  };
  readonly rulebook = new MockRules();
  get rules(): RuleInfo[] {
    return this.rulebook.rules;
  }
  set rules(rules: RuleInfo[]) {
    this.rulebook.rules = rules;
  }
  version = '0.1.0';
  url = '';
  #serverId = 'mock-1';
  #seq = 0;
  #ring: { seq: number; type: string; data: unknown }[] = [];
  #timelines = new Map<string, TimelineEntry[]>();
  #silences = new Map<string, Silence>();
  #cut = false;
  #clients = new Map<WebSocket, Session>();
  #server: Server;
  #sockets = new Set<Socket>();
  #upgrades = new WebSocketServer({ noServer: true, handleProtocols: () => 'firegate.v1' });
  #timer: NodeJS.Timeout | null = null;
  #healthParts = [
    { name: 'broker', ok: true, detail: 'connected, session present' },
    { name: 'inbox', ok: true, detail: '0 waiting' },
    { name: 'store', ok: true, detail: 'last commit 4 ms' },
    { name: 'respond', ok: true, detail: 'webhook: 0 waiting' },
  ];

  constructor(devices = 60) {
    this.devices = makeDevices(devices);
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket, head) => {
      const ticket = new URL(request.url ?? '/', this.url).searchParams.get('ticket') ?? '';
      const session = this.#cut ? null : this.door.letsIn(request, ticket);
      if (session) this.#upgrades.handleUpgrade(request, socket, head, (client) => this.#welcome(client, session));
      else socket.destroy();
    });
    this.door.onEnd = (session, reason) => this.#sayBye(session, reason);
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#timer = setInterval(() => this.#broadcast({ t: 'hb', seq: this.#seq, time: this.#now() }), kHeartbeat);
    return this.url;
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    for (const client of this.#clients.keys()) client.terminate();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  // The link goes dead without a word, as when a switch loses power: sockets stay open and nothing comes through.
  cut(): void {
    this.#cut = true;
  }
  restore(): void {
    this.#cut = false;
  }
  // What a new process is: another id, an empty ring.
  restart(): void {
    this.#serverId = `mock-${Date.now()}`;
    this.#ring = [];
    this.#seq = 0;
    for (const client of this.#clients.keys()) client.terminate();
  }

  raise(alarmClass: string, index: number, more: Partial<AlarmView> = {}): AlarmView {
    const alarm = makeAlarm(alarmClass, index, more);
    this.#timelines.set(alarm.id, []);
    this.#log(alarm, { kind: 'raise', from: 'normal', to: alarm.state, why: alarm.evidence.map((one) => one.point).join(' ') });
    this.#change(alarm);
    const silence = [...this.#silences.values()].find((one) => kUrgency.indexOf(alarm.priority) <= kUrgency.indexOf(one.priority));
    if (silence) this.#setSilence({ ...silence, until: null });
    return alarm;
  }
  again(alarm: AlarmView): void {
    const now = this.alarms.get(alarm.id)!;
    this.#change({ ...now, occurrences: now.occurrences + 1, last_raised_at: this.#now() });
  }
  clear(alarm: AlarmView): void {
    const now = this.alarms.get(alarm.id)!;
    const acknowledged = now.state === 'acknowledged';
    const state: AlarmState = now.latching
      ? acknowledged ? 'latched_acknowledged' : 'latched_unacknowledged'
      : acknowledged ? 'normal' : 'returned_unacknowledged';
    this.#log(now, { kind: 'clear', from: now.state, to: state });
    this.#change({ ...now, state, returned_at: this.#now() });
  }
  break(part: string, detail: string): void {
    this.#healthParts = this.#healthParts.map((one) => (one.name === part ? { ...one, ok: false, detail } : one));
    this.#event('health', this.health());
  }

  health(): Health {
    const online = this.devices.filter((device) => device.presence === 'online').length;
    return {
      ok: this.#healthParts.every((part) => part.ok), parts: this.#healthParts, devices_total: this.devices.length,
      devices_online: online, devices_unmapped: this.install.tray.size, inbox_waiting: 0, decision_lag_ms: 3, clock_drift_ms: 12,
    };
  }

  #now(): string {
    return new Date().toISOString();
  }

  #log(alarm: AlarmView, entry: Partial<TimelineEntry> & { kind: string }): void {
    const whole = { at: this.#now(), from: '', to: '', who: '', name: '', post: '', address: '', why: '', ...entry };
    this.#timelines.get(alarm.id)?.push(whole);
  }

  #change(alarm: AlarmView): AlarmView {
    const known = this.alarms.get(alarm.id);
    const next = { ...alarm, revision: known ? known.revision + 1 : alarm.revision, changed_at: known ? this.#now() : alarm.changed_at };
    if (next.state === 'normal') {
      this.alarms.delete(next.id);
      this.past.push(next);
    } else {
      this.alarms.set(next.id, next);
    }
    this.#event('alarm', next);
    return next;
  }

  #setSilence(silence: Silence): void {
    if (silence.until === null) this.#silences.delete(silence.post);
    else this.#silences.set(silence.post, silence);
    this.#event('silence', silence);
  }

  #event(type: string, data: unknown): void {
    this.#seq += 1;
    const event = { seq: this.#seq, type, data };
    this.#ring.push(event);
    this.#broadcast({ t: 'ev', ...event });
  }
  #broadcast(frame: unknown): void {
    if (this.#cut) return;
    for (const client of this.#clients.keys()) client.send(JSON.stringify(frame));
  }

  // Roles changed: the feeds of this user end, and their pages ask what they may now.
  changePowers(user: string): void {
    for (const session of this.door.sessions.values()) {
      if (session.user !== user) continue;
      session.grants = this.door.users.get(user)!.view.grants;
      this.#sayBye(session, 'powers_changed');
    }
  }
  #sayBye(session: Session, reason: string): void {
    for (const [client, whose] of this.#clients) {
      if (whose !== session) continue;
      client.send(JSON.stringify({ t: 'bye', reason }));
      client.close();
    }
  }

  #welcome(client: WebSocket, session: Session): void {
    client.on('message', (text) => {
      if (this.#cut) return;
      const frame = JSON.parse(String(text)) as { t: string; server_id: string; seq: number } & ConsoleReport;
      if (frame.t === 'console' && frame.post === '') client.terminate(); // as the gateway does with what is not in the contract
      else if (frame.t === 'console') this.reports.push(frame);
      if (frame.t === 'resume') this.#resume(client, session, frame);
    });
    client.on('close', () => this.#clients.delete(client));
  }
  #resume(client: WebSocket, session: Session, from: { server_id: string; seq: number }): void {
    const send = (frame: unknown) => client.send(JSON.stringify(frame));
    const you = { name: this.door.nameOf(session), kind: session.row.kind };
    send({ t: 'hello', server_id: this.#serverId, version: this.version, seq: this.#seq, time: this.#now(), heartbeat_s: 5, you });
    if (from.server_id !== this.#serverId) send({ t: 'gap', seq: this.#seq });
    else for (const event of this.#ring.filter((one) => one.seq > from.seq)) send({ t: 'ev', ...event });
    this.#clients.set(client, session);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.#cut) return; // never answered
    response.setHeader('content-security-policy', kCsp);
    const url = new URL(request.url ?? '/', this.url);
    const body = await text(request);
    if (url.pathname === '/csp-report') {
      this.violations.push(body);
      response.writeHead(204).end();
    } else if (url.pathname.startsWith('/api/v1/')) {
      const [status, answer, headers] = this.#answer(request, url, body);
      if (this.deaf && request.method !== 'GET') {
        response.destroy();
        return;
      }
      const type = status < 400 ? 'application/json' : 'application/problem+json';
      response.writeHead(status, { 'content-type': type, ...headers });
      response.end(status === 204 ? undefined : Buffer.isBuffer(answer) ? answer : JSON.stringify(answer));
    } else {
      if (extname(url.pathname) === '') for (const [name, value] of Object.entries(this.door.welcome(request))) response.setHeader(name, value);
      await this.#file(url.pathname, response);
    }
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const asset = extname(path) === '' ? '/index.html' : normalize(path);
    try {
      const bytes = await readFile(join(kConsoleDist, asset));
      response.writeHead(200, { 'content-type': kMime[extname(asset)] ?? 'application/octet-stream' }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }

  #answer(request: IncomingMessage, url: URL, body: string): Answer {
    const door = this.door.answer(request, url, body);
    if (Array.isArray(door)) return door;
    const path = url.pathname.slice('/api/v1'.length);
    const match = request.headers['if-match'] ?? null;
    if (/^\/rules[/:]?/.test(path)) {
      const rules = this.rulebook.answer(request.method ?? 'GET', path, body, match, this.door.nameOf(door));
      if (rules) return rules;
    }
    const install = this.install.answer(request.method ?? 'GET', path, url.searchParams, body, {
      key: (request.headers['idempotency-key'] as string | undefined) ?? null, match, who: this.door.nameOf(door),
    });
    return install ?? this.#api(request.method ?? 'GET', url, body, this.door.nameOf(door));
  }

  #api(method: string, url: URL, body: string, who: string): Answer {
    const path = url.pathname.slice('/api/v1'.length);
    const [, first, second, third] = path.split('/').map(decodeURIComponent);
    const given = url.searchParams;
    if (method === 'POST') return this.#act(path, second ?? '', third ?? '', JSON.parse(body) as Record<string, string>, who);
    switch (first) {
      case 'snapshot':
        return [200, {
          server_id: this.#serverId, version: this.version, seq: this.#seq, time: this.#now(), alarms: [...this.alarms.values()],
          silences: [...this.#silences.values()], health: this.health(),
        }];
      case 'alarms':
        if (second === 'held') return [200, this.#held()];
        if (second === 'figures') return [200, { ...this.figures, from: given.get('from')!, to: given.get('to')! }];
        return second ? this.#alarm(second, third) : [200, { alarms: [...this.alarms.values()] }];
      case 'history': return [200, { alarms: this.#history(given), next_cursor: null }];
      case 'devices': return second ? this.#device(second, third, given) : [200, this.#devices(given)];
      case 'health': return [200, this.health()];
      case 'classes': return [200, kClasses];
      case 'rejected': return [200, { samples: this.rejected }];
      default: return problem(404, 'not_found', `no such resource: ${path}`);
    }
  }

  #held(): Held {
    return { alarms: [...this.alarms.values()].filter((one) => one.overlays.length > 0), disablements: this.disablements };
  }
  #alarm(id: string, what: string | undefined): Answer {
    const alarm = this.alarms.get(id) ?? this.past.find((one) => one.id === id);
    if (!alarm) return problem(404, 'not_found', `reading alarm ${id}: unknown id`);
    if (what !== 'timeline') return [200, alarm];
    const deliveries = [{ channel: 'webhook', state: 'sent', attempts: 1, at: alarm.first_raised_at, detail: '200 in 84 ms' }];
    return [200, { entries: this.#timelines.get(id) ?? [], deliveries }];
  }
  #history(given: URLSearchParams): AlarmView[] {
    const from = given.get('from') ?? '';
    const device = given.get('device');
    const name = given.get('class');
    return [...this.past, ...this.alarms.values()]
      .filter((one) => one.first_raised_at >= from && (!device || one.device.id === device) && (!name || one.class === name))
      .sort((a, b) => b.first_raised_at.localeCompare(a.first_raised_at));
  }
  #devices(given: URLSearchParams): unknown {
    const q = given.get('q') ?? '';
    const presence = given.get('presence');
    const found = this.devices.filter(
      (one) => (!presence || one.presence === presence) && (!given.get('kind') || one.kind === given.get('kind')) && `${one.name} ${one.id} ${one.address}`.includes(q)
        && (!given.get('building') || one.place.building?.id === given.get('building')));
    const offset = Number(given.get('offset') ?? 0);
    return { devices: found.slice(offset, offset + Number(given.get('limit') ?? 200)), total: found.length, next_cursor: null };
  }
  #device(id: string, what: string | undefined, given: URLSearchParams): Answer {
    const device = this.devices.find((one) => one.id === id);
    if (!device) return problem(404, 'not_found', `reading device ${id}: unknown id`);
    const at = this.#now();
    if (what === 'messages') return [200, { messages: this.messages }];
    if (what === 'commands') return [200, { commands: [], next_cursor: null, offers: device.kind === 'charging_station' ? kOffers : [] }];
    if (what === 'series') {
      const from = Date.parse(given.get('from')!);
      const points = Array.from({ length: 61 }, (_, minute) => ({
        at: new Date(from + minute * 60_000).toISOString(), quality: 'good',
        value: 320 + 40 * Math.sin(minute / 7) + (minute > 45 ? (minute - 45) * 18 : 0),
      }));
      return [200, { point: given.get('point'), unit: 'mA', points }];
    }
    const reading = (point: string, value: unknown, unit: string) => ({
      point, port: null, value, unit, quality: 'good', changed_at: at, updated_at: at,
    });
    return [200, {
      ...device,
      values: [reading('smoke', false, ''), reading('battery_pct', 87, '%'), reading('temperature_c', 21.375, '°C'), reading('tamper', null, '')],
    }, { etag: this.install.tagOf(id) }];
  }

  #act(path: string, id: string, act: string, given: Record<string, string>, who: string): Answer {
    if (!given['post']) return problem(400, 'bad_input', 'acting: no `post`');
    if (path === '/alarms:silence') return this.#silence(given['post'], who);
    const alarm = this.alarms.get(id);
    if (!alarm) return problem(404, 'not_found', `acting on alarm ${id}: unknown id`);
    const refused = (): Answer =>
      problem(409, 'refused', `${act} of alarm ${id}: state is ${alarm.state}`, { state: alarm.state });
    let next: AlarmView;
    if (act === 'acknowledge') {
      const states: Partial<Record<AlarmState, AlarmState>> = {
        unacknowledged: 'acknowledged', returned_unacknowledged: 'normal', latched_unacknowledged: 'latched_acknowledged',
      };
      next = { ...alarm, state: states[alarm.state] ?? alarm.state, acknowledged_at: this.#now(), acknowledged_by: who };
    } else if (act === 'verdict') {
      next = { ...alarm, verdict: given['verdict'] as Verdict, verdict_by: who };
    } else if (act === 'reset') {
      if (alarm.state !== 'latched_acknowledged') return refused();
      next = { ...alarm, state: 'normal' };
    } else {
      return problem(400, 'bad_input', `acting on alarm ${id}: unknown act ${act}`);
    }
    this.#log(alarm, { kind: act, from: alarm.state, to: next.state, who, post: given['post'], why: given['verdict'] ?? given['why'] ?? '' });
    return [200, this.#change(next)];
  }
  #silence(post: string, by: string): Answer {
    const sounding = [...this.alarms.values()].filter((one) => one.state.includes('unacknowledged'));
    if (sounding.length === 0) return problem(409, 'refused', `silencing ${post}: nothing sounds`);
    const priority = kUrgency[Math.min(...sounding.map((one) => kUrgency.indexOf(one.priority)))]!;
    const silence = { post, priority, until: new Date(Date.now() + kSilence).toISOString(), by };
    this.#setSilence(silence);
    return [200, silence];
  }
}

async function text(request: IncomingMessage): Promise<string> {
  let whole = '';
  for await (const part of request) whole += String(part);
  return whole;
}
