// The same lines as `firegate codec --jsonl`, answered by Node: what a vendor's script gives there is what it must give here.
// Run: node --experimental-vm-modules codec_node.mjs FILE
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const quiet = () => undefined;

function context(more) {
  return vm.createContext({ console: { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet, trace: quiet }, ...more });
}

function find(inside, exported) {
  const places = [exported, exported?.default];
  const named = (name) => {
    const global = inside && vm.runInContext(`typeof ${name} === 'function' ? ${name} : undefined`, inside);
    if (global) return { call: global };
    const place = places.find((p) => typeof p?.[name] === 'function');
    return place && { call: place[name].bind(place) };
  };
  const up = named('decodeUplink') ?? (typeof exported === 'function' ? { call: exported } : undefined);
  if (up) return (input) => up.call(input);
  const old = named('Decode');
  if (old) return (input) => ({ data: old.call(input.fPort, input.bytes, input.variables) });
  const older = named('Decoder');
  return older && ((input) => ({ data: older.call(input.bytes, input.fPort) }));
}

async function load(text) {
  let failure;
  for (const style of ['plain', 'exports', 'module']) {
    try {
      let found;
      if (style === 'module') {
        if (!/export/.test(text)) continue;
        const module = new vm.SourceTextModule(text, { context: context() });
        await module.link(() => { throw new Error('no imports'); });
        await module.evaluate();
        found = find(undefined, module.namespace);
      } else {
        const module = { exports: {} };
        const inside = context(style === 'exports' ? { module, exports: module.exports } : {});
        vm.runInContext(text, inside);
        found = find(inside, style === 'exports' ? inside.module.exports : undefined);
      }
      if (found) return found;
    } catch (error) {
      failure = error;
    }
  }
  throw failure ?? new Error('no function');
}

const texts = new Map();
const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean);
for (const [at, line] of lines.entries()) {
  const { codec, bytes, f_port: fPort } = JSON.parse(line);
  if (!texts.has(codec)) texts.set(codec, readFileSync(codec, 'utf8'));
  let out;
  try {
    const decode = await load(texts.get(codec));
    const result = await decode({ bytes: [...bytes], fPort });
    out = result.errors?.length ? { errors: result.errors } : { data: result.data ?? null };
    out.warnings = result.warnings ?? [];
    out = JSON.stringify({ line: at + 1, ...out });
  } catch (error) {
    out = JSON.stringify({ line: at + 1, threw: String(error) });
  }
  process.stdout.write(out + '\n');
}
