// MockPictures: floor plans and photos of the scripted gateway. Every plan it serves is the same drawing; what a picture has to be is judged by
// the real one.
import type { FloorPlan, Photo } from '../../../dashboards/console/src/contract.ts';
import { problem, type Answer } from './mock_door.ts';

const kDrawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800" fill="#fff"/>'
  + '<g fill="none" stroke="#333" stroke-width="6"><rect x="40" y="40" width="1120" height="720"/><path d="M40 330h1120M40 470h1120M320 40v290M600 40v290M880 40v290M320 470v290M600 470v290M880 470v290"/></g>'
  + '<g font-size="44" fill="#555"><text x="90" y="190">301</text><text x="380" y="190">302</text><text x="660" y="190">303</text><text x="940" y="190">304</text><text x="560" y="415">走廊</text></g></svg>');
const served = (): Answer => [200, kDrawing, { 'content-type': 'image/svg+xml', 'cache-control': 'private, no-cache' }];
const kept = (by: string) => ({ type: 'image/png' as const, width: 1200, height: 800, bytes: kDrawing.length, hash: 'ab'.repeat(32), at: new Date().toISOString(), by });

export class MockPictures {
  readonly plans: FloorPlan[] = [];
  readonly photos = new Map<string, Photo[]>();
  refuse: Answer | null = null; // the next picture that is sent

  put(estate: string, building: string, floor: string, by = '王芳'): FloorPlan {
    const plan = { estate, building, floor, ...kept(by) };
    this.plans.push(plan);
    return plan;
  }

  // Null: not about pictures.
  answer(method: string, path: string, query: URLSearchParams, who: string): Answer | null {
    if (`${method} ${path}` === 'GET /plans') return [200, { plans: this.plans }];
    const [first, ...rest] = path.split('/').slice(1).map(decodeURIComponent);
    if (first === 'floors' && rest[3] === 'plan') return this.#plan(method, rest, who);
    if (first === 'devices' && rest[1] === 'photos') return this.#photo(method, rest, query, who);
    return null;
  }

  #plan(method: string, [estate, building, floor]: string[], who: string): Answer {
    const at = this.plans.findIndex((one) => one.estate === estate && one.building === building && one.floor === floor);
    if (method === 'PUT') {
      if (this.refuse) return this.refuse;
      if (at >= 0) this.plans.splice(at, 1);
      return [201, this.put(estate!, building!, floor!, who)];
    }
    if (at < 0) return problem(404, 'not_found', 'looking up the plan of a floor: it has none');
    if (method === 'GET') return served();
    this.plans.splice(at, 1);
    return [204, null];
  }

  #photo(method: string, [device, , no]: string[], query: URLSearchParams, who: string): Answer {
    const known = this.photos.get(device!) ?? [];
    if (method === 'POST') {
      if (this.refuse) return this.refuse;
      const test = query.get('test');
      const photo: Photo = { no: known.length + 1, test: test === null ? null : Number(test), ...kept(who) };
      this.photos.set(device!, [...known, photo]);
      return [201, photo];
    }
    if (no === undefined) return [200, { photos: known }];
    if (method === 'GET') return served();
    this.photos.set(device!, known.filter((one) => String(one.no) !== no));
    return [204, null];
  }
}
