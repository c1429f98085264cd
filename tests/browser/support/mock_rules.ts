// MockRules: the rules of the scripted gateway: files, versions, checking, publishing, backtest and shadow, in the shapes of the API. Its checker knows one
// mistake, a class that there is not; what a text means is tested where it is decided.
import type {
  Backtest, ConfigProblem, RuleChanges, RuleFile, RuleHits, RuleInfo, RulePatch, RuleVersion, Shadow, TrialEpisode,
} from '../../../dashboards/console/src/contract.ts';
import { kClasses } from './estate.ts';
import { problem, type Answer } from './mock_door.ts';

const kNone: RuleChanges = { added: [], removed: [], changed: [] };
const at = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export const kPorts = `# E-bike charging.
rules:
  - id: port_hot
    kinds: [charging_station, swap_cabinet]
    class: fault
    text: {zh: 充电端口过热, en: Charging port hot}
    source: "our choice: 65 °C, boards can be set from 50 to 100 °C"
    when: {point: port_temperature_c, at_least: 65, clears_below: 60}
    on_delay: 10s
`;
export const kDetectors = `rules:
  - id: smoke_alarm
    kinds: any
    class: fire_alarm
    text: {zh: 烟感火警, en: Smoke alarm}
    source: "the detector's own decision"
    when: {point: smoke, is: true}
`;

export function makeRule(id: string, more: Partial<RuleInfo> = {}): RuleInfo {
  return {
    id, class: 'charging_hazard', kinds: ['charging_station', 'swap_cabinet'], text: { zh: '充电端口过热', en: 'Charging port hot' },
    source: 'our choice: 65 °C, boards can be set from 50 to 100 °C', points: ['port_temperature_c'], file: 'charging.yaml', line: 3,
    limits: ['charging_hazard when port_temperature_c at least 65 (clears below 60), for 10s'],
    steps: [{ class: 'charging_hazard', on_delay_s: 10, off_delay_s: 0 }],
    overrides: [{ where: 'zone z1', set: 'at_least 70', enabled: true, reason: '', source: 'our choice: sun', at: 'rules/site.yaml:12:5' }], ...more,
  };
}
export function makeHits(rule: string, month: number, verdicts: Partial<RuleHits['verdicts']> = {}): RuleHits {
  const all = { real: 0, cooking: 0, steam_or_dust: 0, test: 0, device_fault: 0, unknown: 0, ...verdicts };
  const wrong = all.cooking + all.steam_or_dust + all.device_fault;
  return { rule, day: Math.ceil(month / 9), month, last_at: at(37), verdicts: all, false_share: wrong + all.real > 0 ? wrong / (wrong + all.real) : null };
}
export function makeEpisode(index: number, outcome: TrialEpisode['outcome'], rule = 'port_hot'): TrialEpisode {
  const start = 60 * 24 * 7 - index * 97;
  const side = (early: number) => ({ raised_at: at(start + early), cleared_at: index % 5 === 0 ? null : at(start - 120), raises: 1 + (index % 3) });
  const lead = outcome === 'earlier' ? 42.5 : outcome === 'later' ? -18 : outcome === 'caught' ? 0 : null;
  return {
    outcome, rule, subject: `b1-0000${index % 10}/3`, device: `b1-0000${index % 10}`, class: 'charging_hazard', verdict: index % 4 === 0 ? 'cooking' : null, lead_s: lead,
    today: outcome === 'extra' ? null : side(0), candidate: outcome === 'missed' ? null : side(outcome === 'earlier' ? 40 : outcome === 'later' ? -40 : 0),
  };
}

export class MockRules {
  rules: RuleInfo[] = [];
  hits: RuleHits[] = [];
  files: RuleFile[] = [{ name: 'charging.yaml', text: kPorts }, { name: 'detectors.yaml', text: kDetectors }];
  versions: RuleVersion[] = [{ number: 1, author: 'system', name: '', at: at(9_000), note: 'as found at the first start', rollback_of: null, changes: { ...kNone, added: ['smoke_alarm'] } }];
  episodes: TrialEpisode[] = [];
  more = 0;
  backtest: Backtest = {
    state: 'none', by: '', from: null, to: null, started_at: null, ended_at: null, at: null, progress: 0, messages: 0, error: null, covers: null, changes: null,
    summary: null, episodes: [], more: 0,
  };
  shadow: Shadow = { running: false };
  asked: { path: string; body: unknown; match: string | null }[] = []; // that changes or tries something
  #kept = new Map<number, RuleFile[]>([[1, this.files]]);

  // What somebody else publishes.
  publish(patch: RulePatch, name: string, note: string, rollback_of: number | null = null): RuleVersion {
    const { number } = this.versions[0]!;
    this.files = this.#laid(patch);
    const version = { number: number + 1, author: `user:${name}`, name, at: new Date().toISOString(), note, rollback_of, changes: { ...kNone, changed: ['port_hot'] } };
    this.versions = [version, ...this.versions];
    this.#kept.set(version.number, this.files);
    return version;
  }

  answer(method: string, path: string, body: string, match: string | null, who: string): Answer | null {
    const given = (body ? JSON.parse(body) : {}) as { files?: RulePatch; note?: string; version?: number; from?: string; to?: string };
    if (method !== 'GET' && path !== '/rules:check') this.asked.push({ path: `${method} ${path}`, body: given, match });
    const [version] = this.versions;
    const shown = /^\/rules\/versions\/(\d+)$/.exec(path)?.[1];
    if (shown) return [200, { version: this.versions.find((one) => one.number === Number(shown)), files: this.#kept.get(Number(shown)) ?? [] }];
    switch (`${method} ${path}`) {
      case 'GET /rules': return [200, { version, rules: this.rules }];
      case 'GET /rules/hits': return [200, { at: new Date().toISOString(), rules: this.hits }];
      case 'GET /rules/files': return [200, { version: version!.number, built_in: false, files: this.files }, { etag: `"${version!.number}"` }];
      case 'GET /rules/versions': return [200, { versions: this.versions }];
      case 'POST /rules:check': return [200, this.#check(given.files ?? {})];
      case 'POST /rules:publish':
      case 'POST /rules:rollback': {
        if (match !== `"${version!.number}"`) return problem(412, 'precondition_failed', `publishing rules: version ${version!.number} is in force by now`);
        const back = given.version;
        const patch = back ? Object.fromEntries(this.#kept.get(back)!.map(({ name, text }) => [name, text])) : given.files!;
        return [200, { version: this.publish(patch, who, given.note!, back ?? null) }];
      }
      case 'GET /rules:backtest': return [200, this.backtest];
      case 'POST /rules:backtest':
        this.backtest = { ...this.backtest, state: 'running', by: who, from: given.from!, to: given.to!, progress: 0.42, at: at(5_000), messages: 120_345 };
        return [202, this.backtest];
      case 'DELETE /rules:backtest':
        this.backtest = { ...this.backtest, state: 'ended' };
        return [200, this.backtest];
      case 'GET /rules/shadow': return [200, this.shadow];
      case 'POST /rules/shadow':
        this.shadow = {
          running: true, author: `user:${who}`, name: who, since: at(0), note: given.note ?? '', at: at(0), behind_s: 0, messages: 0, error: null, files: given.files!,
          changes: this.#check(given.files!).changes ?? kNone, rules: [], summary: this.#summary(), episodes: this.episodes, more: this.more,
        };
        return [201, this.shadow];
      case 'DELETE /rules/shadow':
        this.shadow = { running: false };
        return [204, null];
      default: return null;
    }
  }

  // The backtest that runs has found `episodes`.
  finish(): void {
    this.backtest = {
      ...this.backtest, state: 'done', progress: 1, covers: { from: this.backtest.from!, to: this.backtest.to!, reduced_until: at(7_000) },
      changes: { ...kNone, changed: ['port_hot'] }, summary: this.#summary(), episodes: this.episodes, more: this.more, ended_at: at(0),
    };
  }

  #summary(): NonNullable<Backtest['summary']> {
    const count = (outcome: string) => this.episodes.filter((one) => one.outcome === outcome).length;
    return { caught: count('caught'), earlier: count('earlier'), later: count('later'), missed: count('missed'), extra: count('extra'), real_missed: 0, false_missed: 1 };
  }
  #laid(patch: RulePatch): RuleFile[] {
    const all = new Map<string, string | null>([...this.files.map(({ name, text }) => [name, text] as const), ...Object.entries(patch)]);
    return [...all].flatMap(([name, text]) => (text === null ? [] : [{ name, text }]));
  }
  #check(patch: RulePatch): { ok: boolean; rules: number; changes: RuleChanges | null; problems: ConfigProblem[] } {
    const problems = this.#laid(patch).flatMap(({ name, text }) => text.split('\n').flatMap((line, index): ConfigProblem[] => {
      const found = /^(\s*(?:- )?class: )(\w*)/.exec(line);
      if (!found || kClasses.some((one) => one.class === found[2])) return [];
      return [{ file: name, line: index + 1, column: found[1]!.length + 1, code: 'E108', path: 'rules[0].class', message: `found "${found[2]}", expected one of fire_alarm, gas_alarm` }];
    }));
    const changed = Object.keys(patch).length > 0 ? ['port_hot'] : [];
    return problems.length > 0 ? { ok: false, rules: 0, changes: null, problems } : { ok: true, rules: 38, changes: { ...kNone, changed }, problems };
  }
}
