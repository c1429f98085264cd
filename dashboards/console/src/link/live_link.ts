// LiveLink: keeps the live feed running. Fetches a ticket, connects, resumes by (server_id, seq), takes a snapshot when told that there
// is a gap, reconnects with back-off and jitter. It says what came; it decides nothing about alarms. Paused while nobody is signed in.
import type { AlarmView, ConsoleReport, Hello, LiveEvent, ServerFrame, Snapshot } from '../contract';
import { Freshness, type Clock, type Phase } from './freshness';

const kFirstBackoff = 500; // ms (contract of the live feed)
const kLastBackoff = 5_000;
const kReportEvery = 20_000;
const kTick = 250;
const kSnapshotRetry = 1_000;

export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}
export interface Timers {
  set(run: () => void, after: number): unknown;
  clear(handle: unknown): void;
}

export interface LiveLinkOptions {
  ticket(): Promise<string>; // lets one connection in
  open(ticket: string): Socket;
  clock: Clock;
  timers: Timers;
  random(): number;
  position(): { server_id: string; seq: number };
  snapshot(): Promise<Snapshot>;
  history(from: number): Promise<AlarmView[]>; // what was raised since, for alarms that came and went unseen
  report(): ConsoleReport;
  onHello(hello: Hello): void;
  onBye(reason: string): void; // the gateway is about to close the connection
  onSnapshot(snapshot: Snapshot): void;
  onEvent(event: LiveEvent): void;
  onLost(since: number): void;
  onReturn(history: AlarmView[]): void; // after an outage, once the board is current again
  onTick(phase: Phase): void;
}

export function backoff(attempt: number, random: number): number {
  const longest = Math.min(kLastBackoff, kFirstBackoff * 2 ** attempt);
  return longest / 2 + (longest / 2) * random;
}

export class LiveLink {
  readonly freshness: Freshness;
  #options: LiveLinkOptions;
  #socket: Socket | null = null;
  #paused = true;
  #connection = 0; // counts attempts: what an older one brings is too late
  #attempt = 0;
  #retry: unknown = null;
  #helloSeq: number | null = null;
  #sameServer = false; // our position means something to this gateway
  #heartbeats = 0; // since hello
  #current = false; // the board has caught up with the gateway
  #waiting: LiveEvent[] | null = null; // events that came while the snapshot was on its way
  #lostSince: number | null = null;
  #openedAt = 0;
  #reportedAt = -Infinity;
  #reported = '';

  constructor(options: LiveLinkOptions) {
    this.#options = options;
    this.freshness = new Freshness(options.clock);
  }

  // Ticks from now on; connects when resumed.
  start(): void {
    const tick = () => {
      this.tick();
      this.#options.timers.set(tick, kTick);
    };
    tick();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#attempt = 0;
    this.freshness.begin();
    void this.#connect();
  }

  // Nobody is signed in: what happens from here on counts as missed.
  pause(): void {
    if (this.#paused) return;
    this.#beginOutage();
    this.#paused = true;
    this.#close();
    if (this.#retry !== null) this.#options.timers.clear(this.#retry);
    this.#retry = null;
  }

  // Somebody else sees something else: connects anew, with a position that means nothing, for a snapshot.
  restart(): void {
    if (!this.#paused) this.#reconnect();
  }

  // Also called when the page becomes visible: a hidden tab's timers come late.
  tick(): void {
    const phase = this.freshness.phase();
    if (phase === 'lost' && !this.#paused) this.#beginOutage();
    if (this.#silentTooLong()) this.#reconnect();
    this.#report();
    this.#options.onTick(phase);
  }

  #beginOutage(): void {
    if (this.#lostSince !== null) return;
    this.#lostSince = this.freshness.heardAt();
    this.#options.onLost(this.#lostSince);
  }

  // A socket can stay open and dead for hours; one that has said nothing for as long as `stale` takes is replaced.
  #silentTooLong(): boolean {
    if (!this.#socket) return false;
    const now = this.#options.clock.mono();
    const phase = this.freshness.phase();
    return phase !== 'live' && now - this.#openedAt > 8_000;
  }

  async #connect(): Promise<void> {
    this.#retry = null;
    this.#connection += 1;
    const connection = this.#connection;
    let ticket: string;
    try {
      ticket = await this.#options.ticket();
    } catch {
      if (connection === this.#connection) this.#reconnect();
      return;
    }
    if (connection === this.#connection && !this.#paused) this.#converse(this.#options.open(ticket));
  }

  #converse(socket: Socket): void {
    this.#helloSeq = null;
    this.#sameServer = false;
    this.#heartbeats = 0;
    this.#current = false;
    this.#waiting = null;
    this.#reported = '';
    this.#openedAt = this.#options.clock.mono();
    this.#socket = socket;
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      socket.send(JSON.stringify({ t: 'resume', ...this.#options.position() }));
      this.#report();
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#receive(String(event.data));
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#reconnect();
    };
  }

  #close(): void {
    const old = this.#socket;
    this.#socket = null;
    this.#current = false;
    this.#connection += 1;
    old?.close();
  }

  #reconnect(): void {
    this.#close();
    if (this.#paused || this.#retry !== null) return;
    this.#retry = this.#options.timers.set(() => void this.#connect(), backoff(this.#attempt, this.#options.random()));
    this.#attempt += 1;
  }

  #receive(text: string): void {
    let frame: ServerFrame;
    try {
      frame = JSON.parse(text) as ServerFrame;
    } catch {
      this.#reconnect(); // whoever speaks there is not a gateway
      return;
    }
    switch (frame.t) {
      case 'hello':
        this.#hello(frame);
        break;
      case 'hb':
        this.#heartbeats += 1;
        this.#checkCaughtUp();
        this.#heard(frame.time);
        break;
      case 'ev':
        if (this.#waiting) this.#waiting.push(frame);
        else this.#options.onEvent(frame);
        this.#checkCaughtUp();
        this.#heard();
        break;
      case 'gap':
        this.#waiting ??= [];
        void this.#takeSnapshot(this.#socket);
        break;
      case 'bye':
        this.#options.onBye(frame.reason);
        this.#reconnect();
        break;
    }
  }

  #hello(frame: Hello): void {
    const known = this.#options.position();
    this.#options.onHello(frame);
    this.freshness.restart();
    this.#helloSeq = frame.seq;
    this.#sameServer = known.server_id === frame.server_id;
    this.#checkCaughtUp();
    this.#heard(frame.time);
  }

  #heard(time?: string): void {
    if (this.#current) this.freshness.heard(time);
    this.tick();
  }

  // Caught up once everything up to hello's number is here. Frames come in order, so a second heartbeat says the same where
  // the gateway has coalesced the last of them.
  #checkCaughtUp(): void {
    if (this.#current || this.#waiting || this.#helloSeq === null || !this.#sameServer) return;
    if (this.#options.position().seq >= this.#helloSeq || this.#heartbeats >= 2) this.#caughtUp([]);
  }

  #caughtUp(history: AlarmView[]): void {
    this.#current = true;
    this.#attempt = 0;
    this.freshness.heard();
    if (this.#lostSince === null) return;
    this.#lostSince = null;
    this.#options.onReturn(history);
  }

  async #takeSnapshot(socket: Socket | null): Promise<void> {
    try {
      const snapshot = await this.#options.snapshot();
      const history = this.#lostSince === null ? [] : await this.#options.history(this.#lostSince);
      if (socket !== this.#socket || !this.#waiting) return;
      const waiting = this.#waiting;
      this.#waiting = null;
      this.#options.onSnapshot(snapshot);
      for (const event of waiting) this.#options.onEvent(event);
      this.#caughtUp(history);
      this.tick();
    } catch {
      this.#options.timers.set(() => {
        if (socket === this.#socket && this.#waiting) void this.#takeSnapshot(socket);
      }, kSnapshotRetry);
    }
  }

  // The gateway supervises whether anybody can hear at a post: on connect, on change and every 20 s. A console without a post answers
  // for none.
  #report(): void {
    if (!this.#socket || this.#helloSeq === null) return;
    const console = this.#options.report();
    if (console.post === '') return;
    const report = JSON.stringify({ t: 'console', ...console });
    const now = this.#options.clock.mono();
    if (report === this.#reported && now - this.#reportedAt < kReportEvery) return;
    this.#reported = report;
    this.#reportedAt = now;
    this.#socket.send(report);
  }
}
