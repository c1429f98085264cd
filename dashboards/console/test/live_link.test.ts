import { beforeEach, describe, expect, it } from 'vitest';
import type { AlarmView, LiveEvent, Snapshot } from '../src/contract';
import { Freshness, type Phase } from '../src/link/freshness';
import { backoff, LiveLink, type Socket } from '../src/link/live_link';
import { alarm, FakeClock, snapshot } from './support';

describe('Freshness', () => {
  const clock = new FakeClock();
  let freshness = new Freshness(clock);
  const beat = () => freshness.heard(clock.iso());
  beforeEach(() => {
    freshness = new Freshness(clock);
  });

  it('is stale at 8 s and lost a second and a half before the 15 s that are promised', () => {
    beat();
    clock.pass(7_999);
    expect(freshness.phase()).toBe('live');
    clock.pass(1);
    expect(freshness.phase()).toBe('stale');
    clock.pass(5_499);
    expect(freshness.phase()).toBe('stale');
    clock.pass(1);
    expect(freshness.phase()).toBe('lost');
  });
  it('is connecting, not live, before the first message, and lost where none comes', () => {
    expect(freshness.phase()).toBe('connecting');
    clock.pass(15_000);
    expect(freshness.phase()).toBe('lost');
  });
  it('counts what the message was late on its way', () => {
    beat();
    clock.pass(20_000);
    freshness.heard(new Date(clock.wallMs - 12_000).toISOString());
    expect(freshness.phase()).toBe('stale');
  });
  it('does not take the drift of two clocks for lateness', () => {
    let gateway = clock.wallMs;
    for (let n = 0; n < 5_000; n += 1) {
      clock.pass(5_000);
      gateway += 4_999.5; // 100 ppm
      freshness.heard(new Date(gateway).toISOString());
    }
    expect(freshness.age()).toBeLessThan(100);
  });
  it('notices time that the monotonic clock slept through', () => {
    beat();
    clock.wallMs += 60_000;
    expect(freshness.phase()).toBe('lost');
  });
  it('tells the gateway’s time whatever the clock of this machine says', () => {
    freshness.heard('2030-01-01T00:00:00.000Z');
    clock.pass(1_500);
    expect(freshness.serverNow()).toBe(Date.parse('2030-01-01T00:00:01.500Z'));
  });
});

describe('backoff', () => {
  it('grows from 0.5 to 5 s, with jitter', () => {
    expect([backoff(0, 0), backoff(0, 1)]).toEqual([250, 500]);
    expect([backoff(20, 0), backoff(20, 1)]).toEqual([2_500, 5_000]);
  });
});

class FakeSocket implements Socket {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

// A link with every seam in the test's hands.
class Bench {
  clock = new FakeClock();
  sockets: FakeSocket[] = [];
  tickets: string[] = [];
  ticket: () => Promise<string> = () => Promise.resolve(`ticket-${this.tickets.length}`);
  byes: string[] = [];
  timers: { run: () => void; at: number }[] = [];
  position = { server_id: '', seq: 0 };
  events: LiveEvent[] = [];
  snapshots: Snapshot[] = [];
  phases: Phase[] = [];
  lost: number[] = [];
  returned: AlarmView[][] = [];
  answer: () => Promise<Snapshot> = () => Promise.resolve(snapshot([]));
  past: AlarmView[] = [];
  audio: 'running' | 'suspended' = 'suspended';
  post = 'desk-1';
  link = new LiveLink({
    ticket: () => this.ticket(),
    open: (ticket) => {
      this.tickets.push(ticket);
      this.sockets.push(new FakeSocket());
      return this.socket;
    },
    clock: this.clock,
    timers: {
      set: (run, after) => {
        const timer = { run, at: this.clock.monoMs + after };
        this.timers.push(timer);
        return timer;
      },
      clear: (timer) => (this.timers = this.timers.filter((one) => one !== timer)),
    },
    random: () => 1,
    position: () => this.position,
    snapshot: () => this.answer(),
    history: () => Promise.resolve(this.past),
    report: () => ({ post: this.post, visible: true, audio: this.audio, build: 'test' }),
    onHello: () => undefined,
    onBye: (reason) => this.byes.push(reason),
    onSnapshot: (taken) => {
      this.snapshots.push(taken);
      this.position = { server_id: taken.server_id, seq: taken.seq };
    },
    onEvent: (event) => {
      this.events.push(event);
      this.position = { ...this.position, seq: event.seq };
    },
    onLost: (since) => this.lost.push(since),
    onReturn: (history) => this.returned.push(history),
    onTick: (phase) => this.phases.push(phase),
  });

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }
  get phase(): Phase {
    return this.phases.at(-1)!;
  }
  async pass(ms: number): Promise<void> {
    const end = this.clock.monoMs + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.clock.pass(Math.max(0, due.at - this.clock.monoMs));
      this.timers = this.timers.filter((timer) => timer !== due);
      due.run();
      await this.settle();
    }
    this.clock.pass(end - this.clock.monoMs);
  }
  hello(seq: number, server = 's1'): void {
    this.socket.onopen?.();
    this.socket.say({ t: 'hello', server_id: server, version: '0.1.0', seq, time: this.clock.iso(), heartbeat_s: 5 });
  }
  beat(): void {
    this.socket.say({ t: 'hb', seq: this.position.seq, time: this.clock.iso() });
  }
  async settle(): Promise<void> {
    for (let n = 0; n < 10; n += 1) await Promise.resolve();
  }
  async start(): Promise<void> {
    this.link.start();
    this.link.resume();
    await this.settle();
  }
  // Connected, with a snapshot taken.
  async live(): Promise<void> {
    await this.start();
    this.hello(10);
    this.socket.say({ t: 'gap', seq: 10 });
    await this.settle();
  }
}
const ev = (seq: number) => ({ t: 'ev', seq, type: 'alarm', data: alarm(`a${seq}`) });

describe('LiveLink', () => {
  let bench = new Bench();
  beforeEach(() => {
    bench = new Bench();
  });

  it('resumes first, from its position', async () => {
    bench.position = { server_id: 's1', seq: 7 };
    await bench.start();
    bench.socket.onopen?.();
    expect(bench.socket.sent[0]).toEqual({ t: 'resume', server_id: 's1', seq: 7 });
  });
  it('takes a snapshot on a gap and is live only then', async () => {
    await bench.start();
    bench.hello(10);
    bench.socket.say({ t: 'gap', seq: 10 });
    expect(bench.phase).toBe('connecting');
    await bench.settle();
    expect(bench.snapshots).toHaveLength(1);
    expect(bench.phase).toBe('live');
  });
  it('keeps events that come while the snapshot is on its way, and applies them after it', async () => {
    await bench.start();
    bench.hello(10);
    bench.socket.say({ t: 'gap', seq: 10 });
    bench.socket.say(ev(11));
    expect(bench.events).toHaveLength(0);
    await bench.settle();
    expect(bench.events.map((event) => event.seq)).toEqual([11]);
  });
  it('asks again where the snapshot fails', async () => {
    bench.answer = () => Promise.reject(new Error('503'));
    await bench.live();
    expect(bench.phase).toBe('connecting');
    bench.answer = () => Promise.resolve(snapshot([]));
    await bench.pass(1_000);
    await bench.settle();
    expect(bench.phase).toBe('live');
  });
  it('is live after a resume only when everything up to hello’s number has come', async () => {
    bench.position = { server_id: 's1', seq: 7 };
    await bench.start();
    bench.hello(9);
    bench.socket.say(ev(8));
    expect(bench.phase).toBe('connecting');
    bench.socket.say(ev(9));
    expect(bench.phase).toBe('live');
  });
  it('does not take its position at another gateway for one here', async () => {
    bench.position = { server_id: 's0', seq: 500 };
    await bench.start();
    bench.hello(3, 's1');
    bench.beat();
    bench.beat();
    expect(bench.phase).toBe('connecting');
  });
  it('says lost within 15 s of the last message, though the socket stays open', async () => {
    await bench.live();
    const heard = bench.clock.wallMs;
    await bench.pass(13_250);
    expect(bench.lost).toHaveLength(0);
    await bench.pass(500);
    expect(bench.phase).toBe('lost');
    expect(bench.lost).toEqual([heard]);
  });
  it('replaces a silent socket as soon as the picture is stale', async () => {
    await bench.live();
    const dead = bench.socket;
    await bench.pass(10_000);
    expect(dead.closed).toBe(true);
    expect(bench.sockets.length).toBeGreaterThan(1);
  });
  it('stays live while heartbeats come', async () => {
    await bench.live();
    for (let n = 0; n < 10; n += 1) {
      await bench.pass(5_000);
      bench.beat();
      expect(bench.phase).toBe('live');
    }
    expect(bench.sockets).toHaveLength(1);
  });
  it('returns from an outage by resuming, and says so once it has caught up', async () => {
    await bench.live();
    await bench.pass(16_000);
    bench.hello(12);
    bench.socket.say(ev(11));
    expect(bench.returned).toHaveLength(0);
    expect(bench.phase).toBe('lost');
    bench.socket.say(ev(12));
    expect(bench.returned).toEqual([[]]);
    expect(bench.phase).toBe('live');
  });
  it('returns from an outage over a gap with what the history adds', async () => {
    await bench.live();
    bench.past = [alarm('brief')];
    await bench.pass(16_000);
    bench.hello(2, 's2');
    bench.socket.say({ t: 'gap', seq: 2 });
    await bench.settle();
    expect(bench.returned.map((list) => list.map((one) => one.id))).toEqual([['brief']]);
  });
  it('does not speak of an outage where the link was only stale', async () => {
    await bench.live();
    await bench.pass(10_000);
    bench.hello(10);
    expect(bench.phase).toBe('live');
    expect(bench.returned).toHaveLength(0);
  });
  it('reconnects after bye, and after something that is not JSON', async () => {
    await bench.live();
    bench.socket.say({ t: 'bye', reason: 'shutdown' });
    await bench.pass(500);
    expect(bench.sockets).toHaveLength(2);
    bench.hello(10);
    bench.socket.onmessage?.({ data: '<html>' });
    await bench.pass(5_000);
    expect(bench.sockets).toHaveLength(3);
  });
  it('reports the console on connect, on change and every 20 s', async () => {
    await bench.live();
    const reports = () => bench.socket.sent.filter((frame) => frame['t'] === 'console');
    expect(reports()).toHaveLength(1);
    bench.audio = 'running';
    await bench.pass(500);
    expect(reports().map((frame) => frame['audio'])).toEqual(['suspended', 'running']);
    for (let n = 0; n < 5; n += 1) {
      await bench.pass(5_000);
      bench.beat();
    }
    expect(reports()).toHaveLength(3);
  });
  it('reports nothing of a console without a post, which the gateway would refuse', async () => {
    bench.post = '';
    await bench.live();
    expect(bench.socket.sent.map((frame) => frame['t'])).toEqual(['resume']);
    bench.post = 'desk-2';
    await bench.pass(250);
    expect(bench.socket.sent.at(-1)).toMatchObject({ t: 'console', post: 'desk-2' });
  });
  it('opens each connection with a ticket of its own', async () => {
    await bench.live();
    bench.socket.say({ t: 'bye', reason: 'shutdown' });
    await bench.pass(500);
    expect(bench.tickets).toEqual(['ticket-0', 'ticket-1']);
  });
  it('tries again where it gets no ticket', async () => {
    bench.ticket = () => Promise.reject(new Error('503'));
    await bench.start();
    expect(bench.sockets).toHaveLength(0);
    bench.ticket = () => Promise.resolve('late');
    await bench.pass(500);
    expect(bench.tickets).toEqual(['late']);
  });
  it('does not connect while nobody is signed in, and is not lost for that', async () => {
    bench.link.start();
    await bench.pass(60_000);
    expect(bench.sockets).toHaveLength(0);
    expect(bench.lost).toEqual([]);
  });
  it('begins anew when somebody signs in, however long that took', async () => {
    bench.link.start();
    await bench.pass(60_000);
    bench.link.resume();
    await bench.pass(250);
    expect(bench.phase).toBe('connecting');
    expect(bench.lost).toEqual([]);
  });
  it('closes when the session ends, and counts what follows as missed', async () => {
    await bench.live();
    bench.socket.say({ t: 'bye', reason: 'session_ended' });
    bench.link.pause();
    expect(bench.byes).toEqual(['session_ended']);
    await bench.pass(20_000);
    expect(bench.sockets).toHaveLength(1);
    expect(bench.lost).toHaveLength(1);
    bench.link.resume();
    await bench.settle();
    bench.hello(12);
    bench.socket.say(ev(11));
    bench.socket.say(ev(12));
    expect(bench.returned).toHaveLength(1);
  });
  it('drops a ticket that came too late', async () => {
    let give: (ticket: string) => void = () => undefined;
    bench.ticket = () => new Promise((resolve) => (give = resolve));
    await bench.start();
    bench.link.pause();
    give('late');
    await bench.settle();
    expect(bench.sockets).toHaveLength(0);
  });
});
