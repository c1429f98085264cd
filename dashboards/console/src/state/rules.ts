// What the gateway's rules mean to people: the texts that name alarms. Read anew with every connection, because a reload may
// have changed them, and when an alarm names a rule that is not known here.
import { signal } from '@preact/signals';
import type { RuleInfo } from '../contract';

const kRetry = 5_000; // ms, after a failed reading

export type RuleTexts = ReadonlyMap<string, RuleInfo['text']>;
export const ruleTexts = signal<RuleTexts>(new Map());

export interface RuleReaderOptions {
  read(): Promise<{ rules: RuleInfo[] }>;
  timers: { set(run: () => void, after: number): unknown };
  take(texts: RuleTexts): void;
}

export class RuleReader {
  #options: RuleReaderOptions;
  #known: RuleTexts = new Map();
  #named = new Set<string>(); // by the live alarms
  #absent = new Set<string>(); // asked for, and the gateway has no such rule (any more)
  #reading = false;
  #again = false; // a new connection while a reading was under way, which may be too old

  constructor(options: RuleReaderOptions) {
    this.#options = options;
  }

  // A new connection: what was absent may be there now.
  refresh(): void {
    this.#absent.clear();
    this.#again = this.#reading;
    if (!this.#reading) void this.#read();
  }

  // The rules that the live alarms name. A rule that stays unknown is asked for once a connection; a reading that is under way
  // may bring it.
  need(rules: Iterable<string>): void {
    this.#named = new Set([...rules].filter((rule) => !rule.startsWith('self_')));
    if (!this.#reading && this.#missing().length > 0) void this.#read();
  }

  #missing(): string[] {
    return [...this.#named].filter((rule) => !this.#known.has(rule) && !this.#absent.has(rule));
  }

  async #read(): Promise<void> {
    this.#reading = true;
    this.#again = false;
    for (const rule of this.#missing()) this.#absent.add(rule);
    let failed = false;
    try {
      const { rules } = await this.#options.read();
      this.#known = new Map(rules.map((rule) => [rule.id, rule.text]));
      this.#options.take(this.#known);
    } catch {
      failed = true; // what is known stays; until then alarms are named by their class
    }
    this.#reading = false;
    if (failed) this.#options.timers.set(() => this.#retry(), kRetry);
    else if (this.#again || this.#missing().length > 0) await this.#read();
  }

  #retry(): void {
    if (!this.#reading) void this.#read();
  }
}
