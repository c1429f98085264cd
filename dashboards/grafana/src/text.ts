// Both languages from one source. The words of closed lists (classes, states, kinds) are those of the console.
import { en } from '../../console/src/i18n/en.ts';
import { zh } from '../../console/src/i18n/zh.ts';

export const languages = ['zh', 'en'] as const;
export type Language = (typeof languages)[number];
export type Text = Readonly<Record<Language, string>>;

export const text = (zhText: string, enText: string): Text => ({ zh: zhText, en: enText });

type Words = Readonly<Record<string, string>>;
const both = (zhWords: Words, enWords: Words): Readonly<Record<Language, Words>> => ({ zh: zhWords, en: enWords });

const own = (entries: Readonly<Record<string, Text>>): Readonly<Record<Language, Words>> =>
  both(
    Object.fromEntries(Object.entries(entries).map(([word, said]) => [word, said.zh])),
    Object.fromEntries(Object.entries(entries).map(([word, said]) => [word, said.en])),
  );

// The label of a series → what people read instead of its values.
export const words: Readonly<Record<string, Readonly<Record<Language, Words>>>> = {
  class: both(zh.words.class, en.words.class),
  alarm_state: both(zh.words.state, en.words.state),
  verdict: both(zh.words.verdict, en.words.verdict),
  device_kind: both(zh.words.kind, en.words.kind),
  code: both(zh.words.self_fault, en.words.self_fault),
  port_state: both(zh.words.choice, en.words.choice),
  mode: both(zh.words.choice, en.words.choice),
  reject: both(zh.words.reject, en.words.reject),
  act: both(zh.words.event, en.words.event),
  band: own({
    critical: text('极低（≤ 10 %）', 'critical (≤ 10 %)'),
    low: text('低（≤ 20 %）', 'low (≤ 20 %)'),
    fair: text('一般（≤ 50 %）', 'fair (≤ 50 %)'),
    good: text('充足', 'good'),
  }),
  outcome: own({
    readings: text('已采用', 'readings'),
    ignored: text('无需记录', 'ignored'),
    rejected: text('读不懂', 'rejected'),
    duplicate: text('重复', 'duplicate'),
  }),
  watcher: own({
    user: text('用户', 'people'),
    token: text('程序', 'programs'),
    wall: text('大屏', 'walls'),
    local: text('本机', 'this machine'),
    system: text('系统', 'system'),
  }),
  loop: own({
    io: text('收发', 'io'),
    inbox_syncer: text('收件箱落盘', 'inbox syncer'),
    reader: text('收件箱读取', 'reader'),
    lanes: text('解码', 'lanes'),
    partitions: text('分区', 'partitions'),
    writer: text('存储写入', 'writer'),
  }),
  priority: own({
    fire: text('火警', 'fire'),
    life_threat: text('生命危险', 'life threat'),
    pre_alarm: text('预警', 'pre-alarm'),
    supervisory: text('监管', 'supervisory'),
    fault: text('故障', 'fault'),
    info: text('信息', 'info'),
  }),
};
