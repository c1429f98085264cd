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
  #absent = new Set<string>(); // asked for, and the gateway has no such rule (any more)
  #reading = false;
  #again = false; // asked for while a reading was under way, which may be too old

  constructor(options: RuleReaderOptions) {
    this.#options = options;
  }

  // A new connection: what was absent may be there now.
  refresh(): void {
    this.#absent.clear();
    void this.#read();
  }

  // The rules that the live alarms name. A rule that stays unknown is asked for once a connection.
  need(rules: Iterable<string>): void {
    const unknown = [...rules].filter((rule) => !rule.startsWith('self_') && !this.#known.has(rule) && !this.#absent.has(rule));
    if (unknown.length === 0) return;
    for (const rule of unknown) this.#absent.add(rule);
    void this.#read();
  }

  async #read(): Promise<void> {
    this.#again = this.#reading;
    if (this.#reading) return;
    this.#reading = true;
    let failed = false;
    try {
      const { rules } = await this.#options.read();
      this.#known = new Map(rules.map((rule) => [rule.id, rule.text]));
      this.#options.take(this.#known);
    } catch {
      failed = true; // what is known stays; until then alarms are named by their class
    }
    this.#reading = false;
    if (failed) this.#options.timers.set(() => void this.#read(), kRetry);
    else if (this.#again) await this.#read();
  }
}
