// The gateway's words for a limit (gateway/rules/words.cpp: "pre_alarm when port_temperature_c at least 65 (clears below 60), for 10s"), in the
// language of the console. What is none of its phrases stays as it was said.
import { language } from '../state/settings';
import { isWord, word } from './index';

type Phrase = readonly [said: RegExp, zh: string];
const kPhrases: readonly Phrase[] = [
  [/ when /g, '：'], [/ \(clears below ([^)]*)\)/g, '（低于 $1 恢复）'], [/ \(clears above ([^)]*)\)/g, '（高于 $1 恢复）'],
  [/, until it is gone for (\w+)/g, '，消失 $1 后恢复'], [/, for (\w+)/g, '，持续 $1'], [/ unchanged for /g, ' 不变达 '], [/ is /g, ' 为 '], [/ and /g, ' 且 '],
  [/ or /g, ' 或 '], [/\bnot heard, 或 offline for (\w+)/g, '收不到消息，或离线 $1'], [/\bnot heard\b/g, '收不到消息'], [/\bnot \(/g, '非（'],
  [/ rises by (\S+) within (\w+)/g, ' 在 $2 内上升 $1'], [/ falls by (\S+) within (\w+)/g, ' 在 $2 内下降 $1'],
  [/ (\S+) away from its mean of (\w+)/g, ' 偏离自身 $2 均值 $1'], [/ (\S+) above its mean of (\w+)/g, ' 高于自身 $2 均值 $1'],
  [/ (\S+) below its mean of (\w+)/g, ' 低于自身 $2 均值 $1'], [/ changes (\d+) times within (\w+)/g, ' 在 $2 内变化 $1 次'],
  [/\bat least (\d+) in the (\w+): /g, '同一$2内至少 $1 个：'], [/\banother in the (\w+): /g, '同一$1内另一个：'], [/(\d+) times within (\w+): /g, '$2 内 $1 次：'],
  [/ at least /g, ' ≥ '], [/ at most /g, ' ≤ '], [/ above /g, ' > '], [/ below /g, ' < '], [/\bduring\b/g, '时段'], [/\bfire pattern: /g, '火情综合判断：'],
];
const kScopes: Readonly<Record<string, string>> = { location: '位置', zone: '分区', floor: '楼层', building: '楼' };

export function limitText(said: string): string {
  const zh = language.value === 'zh';
  const phrased = zh ? kPhrases.reduce((text, [pattern, to]) => text.replace(pattern, to), said).replace(/同一(\w+)内/g, (_, scope: string) => `同一${kScopes[scope] ?? scope}内`) : said;
  return phrased.replace(/[a-z][a-z0-9_]*/g, (name, at: number) => {
    if (at === 0 && isWord('class', name)) return word('class', name);
    return isWord('point', name) ? word('point', name) : name;
  });
}
