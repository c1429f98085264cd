// Synth: plays one sound at a time with Web Audio, no files. A browser lets it sound only after a gesture of a person, unless
// the machine is set up for it: until then the state is `suspended`, which the page and the gateway are told.
import { signal } from '@preact/signals';
import type { SoundKind } from './choice';
import { kPatterns, type Pattern } from './patterns';

const kStartLevel = 0.3; // where a rising sound begins
const kEdge = 0.01; // s; fades that keep tones from clicking

export class Synth {
  readonly state = signal<'running' | 'suspended'>('suspended');
  #context: AudioContext | null = null;
  #playing: SoundKind = 'none';
  #master: GainNode | null = null;
  #next = 0;

  start(): void {
    this.#context = new AudioContext();
    const look = () => {
      this.state.value = this.#context?.state === 'running' ? 'running' : 'suspended';
      if (this.state.value === 'running') this.#restart();
    };
    this.#context.addEventListener('statechange', look);
    look();
    const gesture = () => void this.unlock();
    // At the end of a press, not at its start: the strip that goes away then moves the page, and the press must not land on
    // something else.
    addEventListener('click', gesture, { capture: true });
    addEventListener('keydown', gesture);
  }

  async unlock(): Promise<void> {
    if (this.#context?.state === 'suspended') await this.#context.resume().catch(() => undefined);
  }

  play(kind: SoundKind): void {
    if (kind === this.#playing) return;
    this.#playing = kind;
    this.#restart();
  }

  // A short taste of a sound for the person who asks for it; what really sounds goes on after.
  audition(kind: Exclude<SoundKind, 'none'>): void {
    if (this.#playing !== 'none' || !this.#context) return;
    const gain = this.#output(kPatterns[kind].level);
    this.#schedule(kPatterns[kind], gain, this.#context.currentTime + 0.05);
  }

  #output(level: number): GainNode {
    const context = this.#context!;
    const gain = new GainNode(context, { gain: level });
    gain.connect(context.destination);
    return gain;
  }

  #restart(): void {
    clearTimeout(this.#next);
    this.#master?.disconnect();
    this.#master = null;
    if (this.#playing === 'none' || this.#context?.state !== 'running') return;
    const pattern = kPatterns[this.#playing];
    const start = this.#context.currentTime + 0.05;
    const gain = this.#output(pattern.risesFor > 0 ? pattern.level * kStartLevel : pattern.level);
    if (pattern.risesFor > 0) gain.gain.linearRampToValueAtTime(pattern.level, start + pattern.risesFor);
    this.#master = gain;
    this.#loop(pattern, gain, start);
  }

  #loop(pattern: Pattern, gain: GainNode, at: number): void {
    if (gain !== this.#master) return;
    this.#schedule(pattern, gain, at);
    const following = at + pattern.period;
    const wait = (following - this.#context!.currentTime - 0.2) * 1000;
    this.#next = window.setTimeout(
      () => this.#loop(pattern, gain, Math.max(following, this.#context!.currentTime + 0.05)),
      Math.max(0, wait),
    );
  }

  #schedule(pattern: Pattern, gain: GainNode, at: number): void {
    const context = this.#context!;
    for (const tone of pattern.tones) {
      const begin = at + tone.at;
      const end = begin + tone.length;
      const envelope = new GainNode(context, { gain: 0 });
      envelope.gain.setValueAtTime(0, begin);
      envelope.gain.linearRampToValueAtTime(1, begin + kEdge);
      envelope.gain.setValueAtTime(1, end - kEdge);
      envelope.gain.linearRampToValueAtTime(0, end);
      const oscillator = new OscillatorNode(context, { type: 'triangle', frequency: tone.from });
      oscillator.frequency.setValueAtTime(tone.from, begin);
      oscillator.frequency.linearRampToValueAtTime(tone.to, end);
      oscillator.connect(envelope).connect(gain);
      oscillator.start(begin);
      oscillator.stop(end);
    }
  }
}

export const synth = new Synth();
