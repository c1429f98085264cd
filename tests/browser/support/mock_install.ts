// MockInstall: the registry of the scripted gateway: tray, acts on devices, walk tests, imports. It keeps the contract that the pages rely on;
// what a table or a place has to be is judged by the real one.
import type {
  DeviceChange, DeviceTest, DeviceView, Estate, ImportProblem, ImportResult, Place, TestList, UnmappedDevice,
} from '../../../dashboards/console/src/contract.ts';
import { parseCsv } from '../../../dashboards/console/src/state/csv.ts';
import { MockPictures } from './mock_pictures.ts';
import { problem, type Answer } from './mock_door.ts';

const later = (ms: number) => new Date(Date.now() + ms).toISOString();
const now = () => later(0);

export function makeEntry(index: number, more: Partial<UnmappedDevice> = {}): UnmappedDevice {
  const address = `0x00158d0009c${String(index).padStart(3, '0')}`;
  return {
    id: `?zigbee2mqtt/${address}`, key: `key-${String(index).padStart(18, '0')}`, source: 'z2m-1', format: 'zigbee2mqtt', address, first_heard: later(-60_000 * (index + 1)),
    last_heard: now(), messages: 12, count: 12, first_topic: `zigbee2mqtt/${address}`, points: ['smoke', 'battery_pct'],
    first_payload: '{"battery":100,"battery_low":false,"linkquality":134,"smoke":false,"tamper":false,"voltage":3000}',
    suggestion: { kind: 'smoke_detector', model: 'heiman/HS1SA-E-PLUS', why: 'says smoke' }, signal_dbm: -71, battery_pct: 100, ignored: null, ...more,
  };
}

type Level = { id: string; name: string };
interface Stage {
  devices(): DeviceView[];
  setDevices(devices: DeviceView[]): void;
  tell(type: string, data: unknown): void;
}
export interface Done {
  method: string;
  path: string;
  key: string | null;
  body: unknown;
}

export class MockInstall {
  readonly tray = new Map<string, UnmappedDevice>();
  readonly ignored = new Map<string, UnmappedDevice>();
  readonly pictures = new MockPictures();
  readonly done: Done[] = []; // every act that was carried out, once
  readonly tests = new Map<string, DeviceTest[]>();
  readonly changes = new Map<string, DeviceChange[]>();
  importProblems: ImportProblem[] = [];
  refuse: ((path: string) => Answer | null) | null = null; // what the test wants refused
  #stage: Stage;
  #answers = new Map<string, Answer>();
  #revisions = new Map<string, number>();
  #imports = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  put(entry: UnmappedDevice): UnmappedDevice {
    this.tray.set(entry.key, entry);
    return entry;
  }

  estates(): Estate[] {
    const estates = new Map<string, Estate>();
    for (const { place } of this.#stage.devices()) {
      const estate = among([...estates.values()], place.estate, () => ({ buildings: [] as Estate['buildings'] }));
      estates.set(estate.id, estate);
      grow(estate, place);
    }
    return [...estates.values()];
  }

  // Null: not of the registry.
  answer(method: string, path: string, query: URLSearchParams, body: string, headers: { key: string | null; match: string | null; who: string }): Answer | null {
    const known = headers.key && this.#answers.get(`${headers.key}${path}`);
    if (known) return known;
    const answer = (method === 'GET' ? null : (this.refuse?.(path) ?? null)) ?? this.#dispatch(method, path, query, body, headers);
    if (answer === null || method === 'GET') return answer;
    if (headers.key) this.#answers.set(`${headers.key}${path}`, answer);
    if (answer[0] < 300 && query.get('dry_run') !== 'true') this.done.push({ method, path, key: headers.key, body: body.startsWith('{') ? JSON.parse(body) : body });
    return answer;
  }

  #dispatch(method: string, path: string, query: URLSearchParams, body: string, { match, who }: { match: string | null; who: string }): Answer | null {
    const picture = this.pictures.answer(method, path, query, who);
    if (picture) return picture;
    const given = (body.startsWith('{') ? JSON.parse(body) : {}) as Record<string, string>;
    const tray = /^\/unmapped\/([\w-]+):(adopt|ignore|heed)$/.exec(path);
    if (tray) return this.#onEntry(tray[1]!, tray[2]!, given, who);
    const device = /^\/devices\/([^/]+)(?:\/(.+))?$/.exec(path);
    if (device && device[1] !== '') return this.#onDevice(method, decodeURIComponent(device[1]!), device[2] ?? '', given, match, who);
    const undo = /^\/imports\/(\d+):undo$/.exec(path);
    if (undo) return [200, { removed: 2, changed_back: 1 }];
    switch (`${method} ${path}`) {
      case 'GET /unmapped': return [200, { devices: [...(query.get('ignored') === 'true' ? this.ignored : this.tray).values()] }];
      case 'GET /estates': return [200, { estates: this.estates() }];
      case 'GET /tests': return [200, this.#testList(query)];
      case 'POST /devices:import': return this.#import(body, query.get('dry_run') === 'true');
      default: return null;
    }
  }

  #onEntry(key: string, act: string, given: Record<string, string>, who: string): Answer {
    const entry = this.tray.get(key) ?? this.ignored.get(key);
    if (!entry) return problem(404, 'not_found', `${act} of ${key}: no such entry in the tray`);
    this.tray.delete(key);
    this.ignored.delete(key);
    if (act === 'ignore') {
      const ignored = { ...entry, ignored: { by: who, at: now(), reason: given['reason']! } };
      this.ignored.set(key, ignored);
      return [200, ignored];
    }
    if (act === 'heed') {
      const heeded = { ...entry, ignored: null };
      this.tray.set(key, heeded);
      return [200, heeded];
    }
    const device = this.#made(entry, given);
    this.#stage.setDevices([...this.#stage.devices(), device]);
    this.#note(device.id, { what: 'adopted', by: who, from: {}, to: { address: entry.address, name: device.name } });
    return [201, device];
  }

  #made(entry: UnmappedDevice, given: Record<string, string>): DeviceView {
    const id = given['id'] ?? entry.address;
    return {
      id, name: given['name'] ?? id, kind: given['kind'] as DeviceView['kind'], format: entry.format, source: entry.source, address: entry.address,
      model: given['model'] ?? 'generic', mapped: true, place: this.#placeOf(given), presence: 'online', last_heard: now(), interval_s: 86_400, disabled_until: null,
      disabled_why: null, note: given['note'] ?? '', position: null, test_until: null, last_test: null, adopted_at: now(), expected_life_years: null, calibrated_at: null,
    };
  }
  #placeOf(given: Record<string, string>): Place {
    const estate = this.estates().find(({ id }) => id === given['estate'])!;
    const building = estate.buildings.find(({ id }) => id === given['building'])!;
    const floor = building.floors.find(({ id }) => id === given['floor']);
    const zone = floor?.zones.find(({ id }) => id === given['zone']);
    const location = zone?.locations.find(({ id }) => id === given['location']);
    const plain = (level: Level | undefined) => (level ? { id: level.id, name: level.name } : null);
    return { estate: plain(estate)!, building: plain(building), floor: plain(floor), zone: plain(zone), location: plain(location), occupancy: [] };
  }

  tagOf(id: string): string {
    return `"${this.#revisions.get(id) ?? 1}"`;
  }
  // By somebody else, or by the program.
  change(id: string, more: Partial<DeviceView>): DeviceView {
    this.#revisions.set(id, (this.#revisions.get(id) ?? 1) + 1);
    const devices = this.#stage.devices().map((one) => (one.id === id ? { ...one, ...more } : one));
    this.#stage.setDevices(devices);
    return devices.find((one) => one.id === id)!;
  }
  #note(id: string, more: Omit<DeviceChange, 'at' | 'reason'> & { reason?: string }): void {
    this.changes.set(id, [{ at: now(), reason: '', ...more }, ...(this.changes.get(id) ?? [])]);
  }

  #onDevice(method: string, id: string, what: string, given: Record<string, string>, match: string | null, who: string): Answer | null {
    const device = this.#stage.devices().find((one) => one.id === id);
    if (!device) return method === 'GET' ? null : problem(404, 'not_found', `${method} of device ${id}: unknown id`);
    const note = /^tests\/(\d+)\/note$/.exec(what);
    if (note) return this.#noteTest(id, Number(note[1]), given['note']!);
    switch (`${method} ${what}`) {
      case 'GET changes': return [200, { changes: this.changes.get(id) ?? [] }];
      case 'GET tests': return [200, { tests: this.tests.get(id) ?? [] }];
      case 'PATCH ': {
        if (match !== this.tagOf(id)) return problem(412, 'precondition_failed', `changing device ${id}: it has changed since`);
        const place = 'estate' in given ? { place: this.#placeOf(given) } : {};
        const { estate: _e, building: _b, floor: _f, zone: _z, location: _l, ...plain } = given;
        this.#note(id, { what: 'changed', by: who, from: { name: device.name }, to: plain });
        return [200, this.change(id, { ...plain, ...place } as Partial<DeviceView>), { etag: this.tagOf(id) }];
      }
      case 'DELETE ':
        this.#stage.setDevices(this.#stage.devices().filter((one) => one.id !== id));
        return [204, null];
      case 'POST replace': return this.#replace(device, given, who);
      case 'POST disable':
        this.#note(id, { what: 'disabled', by: who, from: {}, to: { disabled_until: given['until'] }, reason: given['reason']! });
        return [200, this.change(id, { disabled_until: given['until']!, disabled_why: given['reason']! })];
      case 'POST enable': return [200, this.change(id, { disabled_until: null, disabled_why: null })];
      case 'POST test': return this.#begin(id, who);
      case 'POST end_test': return [200, this.change(id, { test_until: null })];
      default: return null;
    }
  }

  #replace(device: DeviceView, given: Record<string, string>, who: string): Answer {
    const entry = this.tray.get(given['key'] ?? '');
    if (!entry) return problem(404, 'not_found', `replacing ${device.id}: no such entry in the tray`);
    const kind = entry.suggestion?.kind ?? device.kind;
    if (kind !== device.kind && given['kind'] !== kind) return problem(409, 'refused', `replacing ${device.id}: the new one is a ${kind}`);
    this.tray.delete(entry.key);
    this.#note(device.id, { what: 'replaced', by: who, from: { address: device.address }, to: { address: entry.address }, reason: given['reason']! });
    return [200, this.change(device.id, { address: entry.address, kind })];
  }

  #begin(id: string, who: string): Answer {
    const until = later(30 * 60_000);
    const known = this.tests.get(id) ?? [];
    const test: DeviceTest = {
      no: known.length + 1, device: id, at: now(), by: who, ended_at: null, message_at: null, payload: null, payload_b64: null, signal_dbm: null, passed: false, note: '', photo: false,
    };
    this.tests.set(id, [test, ...known]);
    this.change(id, { test_until: until });
    this.#stage.tell('device_test', { device: id, until, passed_at: null });
    return [200, { until }];
  }
  #noteTest(id: string, no: number, note: string): Answer {
    const tests = (this.tests.get(id) ?? []).map((one) => (one.no === no ? { ...one, note } : one));
    this.tests.set(id, tests);
    return [200, tests.find((one) => one.no === no)];
  }
  // The device says something while it is in test.
  press(id: string): void {
    const at = now();
    const [test, ...before] = this.tests.get(id)!;
    this.tests.set(id, [{ ...test!, passed: true, message_at: at, payload: '{"test":true}', signal_dbm: -64 }, ...before]);
    this.change(id, { last_test: { at, by: test!.by, passed: true } });
    this.#stage.tell('device_test', { device: id, until: later(60_000), passed_at: at });
  }

  #testList(query: URLSearchParams): TestList {
    const estate = query.get('estate');
    const building = query.get('building');
    const devices = this.#stage.devices().filter(({ place }) => (!estate || place.estate.id === estate) && (!building || place.building?.id === building));
    return {
      tested: devices.filter((one) => one.last_test?.passed).length, total: devices.length,
      devices: devices.map(({ id, name, kind, place, test_until, last_test }) => ({ device: id, name, kind, place, test_until, last_test })),
    };
  }

  #import(body: string, dry: boolean): Answer {
    const rows = parseCsv(body).length - 1;
    const result: ImportResult = { import: null, added: rows - 1, changed: 1, unchanged: 0, removed: 0, problems: this.importProblems };
    if (this.importProblems.length > 0 && !dry) return problem(422, 'bad_input', 'importing devices: 2 problems', { problems: this.importProblems });
    if (dry) return [200, result];
    this.#imports += 1;
    return [200, { ...result, import: this.#imports }];
  }
}

function among<More>(known: readonly (Level & More)[], level: Level, more: () => More): Level & More {
  return known.find(({ id }) => id === level.id) ?? { id: level.id, name: level.name, ...more() };
}
function keep<One extends Level>(known: One[], one: One): One {
  if (!known.includes(one)) known.push(one);
  return one;
}
function grow(estate: Estate, { building, floor, zone, location }: Place): void {
  if (!building) return;
  const inBuilding = keep(estate.buildings, among(estate.buildings, building, () => ({ floors: [] as Estate['buildings'][number]['floors'] })));
  if (!floor) return;
  const onFloor = keep(inBuilding.floors, among(inBuilding.floors, floor, () => ({ zones: [] as (typeof inBuilding.floors)[number]['zones'] })));
  if (!zone) return;
  const inZone = keep(onFloor.zones, among(onFloor.zones, zone, () => ({ locations: [] as Level[] })));
  if (location) keep(inZone.locations, among(inZone.locations, location, () => ({})));
}
