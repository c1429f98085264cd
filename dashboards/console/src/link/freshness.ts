// Freshness: how old the picture is. Judged by the time of the messages, never by the socket's events or by counting timers:
// half-open sockets say nothing, and timers of hidden tabs are slowed down.
export const kStaleAfter = 8_000; // ms; heartbeats come each 5 s (design, console 0.3)
export const kLostAfter = 13_500; // LOST is promised within 15 s: the rest is kept for noticing and drawing it on a busy wall PC

export type Phase = 'connecting' | 'live' | 'stale' | 'lost';

// Two clocks, because one alone can lie: the monotonic one may stand still while the machine sleeps, the wall clock may step.
export interface Clock {
  mono(): number; // ms
  wall(): number; // ms
}
export const systemClock: Clock = { mono: () => performance.now(), wall: () => Date.now() };

// The gateway's clock and ours drift apart; the smallest delay seen may grow by 1 ms a second, no more (our choice): a feed
// that is delivered late is noticed, drift is not taken for lateness.
const kDriftPerMs = 0.001;

export class Freshness {
  #clock: Clock;
  #heard: { mono: number; wall: number };
  #offset: number | null = null; // our monotonic clock minus the gateway's, at the smallest delay
  #delay = 0; // how late the last dated message came
  #ever = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#heard = { mono: clock.mono(), wall: clock.wall() };
  }

  // Nobody listened until now: there is nothing yet that could be old.
  begin(): void {
    this.#heard = { mono: this.#clock.mono(), wall: this.#clock.wall() };
    this.#delay = 0;
    this.#ever = false;
  }

  // A new connection: what was learnt about delays belonged to the old one.
  restart(): void {
    this.#offset = null;
    this.#delay = 0;
  }

  // A message came; `time` is the gateway's, where the message bears it.
  heard(time?: string): void {
    const mono = this.#clock.mono();
    if (time !== undefined) {
      const difference = mono - Date.parse(time);
      const drifted = this.#offset === null ? difference : this.#offset + (mono - this.#heard.mono) * kDriftPerMs;
      this.#offset = Math.min(difference, drifted);
      this.#delay = difference - this.#offset;
    }
    this.#heard = { mono, wall: this.#clock.wall() };
    this.#ever = true;
  }

  age(): number {
    const mono = this.#clock.mono() - this.#heard.mono;
    const wall = this.#clock.wall() - this.#heard.wall;
    return Math.max(mono, wall) + this.#delay;
  }

  // Wall clock of this machine at the moment that the picture shows.
  heardAt(): number {
    return this.#clock.wall() - this.age();
  }

  phase(): Phase {
    const age = this.age();
    if (age >= kLostAfter) return 'lost';
    if (!this.#ever) return 'connecting';
    return age >= kStaleAfter ? 'stale' : 'live';
  }

  // The gateway's time, as well as we know it.
  serverNow(): number {
    return this.#offset === null ? this.#clock.wall() : this.#clock.mono() - this.#offset;
  }
}
