import { afterEach, describe, expect, it } from 'vitest';
import { detailText, reasonText, whoText } from '../src/i18n/said';
import { language } from '../src/state/settings';

const said = (kind: string, why: string, who = 'system') => reasonText({ kind, why, who });

describe('What the gateway says', () => {
  afterEach(() => (language.value = 'zh'));

  it('is told in the language of the console: evidence', () => {
    expect(said('raise', 'smoke true')).toBe('烟雾 是');
    expect(said('raise', 'temperature_c 62.5 °C (limit 57), smoke true')).toBe('温度 62.5 °C (限值 57 °C) · 烟雾 是');
    expect(said('raise', 'port_state fault')).toBe('端口状态 故障');
    language.value = 'en';
    expect(said('raise', 'battery_pct 8 % (limit 20)')).toBe('Battery 8 % (limit 20 %)');
  });
  it('names when late evidence was measured, as in Shanghai', () => {
    expect(said('raise', 'smoke true, measured 2026-11-22T03:14:15.926Z')).toBe('烟雾 是 · 测于 2026-11-22 11:14:15');
  });
  it('keeps the words of a person, behind the verdict they gave', () => {
    expect(said('verdict', 'cooking: 301: the pan', '王芳')).toBe('烹饪: 301: the pan');
    expect(said('verdict', 'cooking', '王芳')).toBe('烹饪');
    expect(said('reset', 'smoke true', '王芳')).toBe('smoke true');
  });
  it('shows what it does not know as it was said', () => {
    expect(said('raise', 'what nobody foresaw, smoke true')).toBe('what nobody foresaw, smoke true');
    expect(said('raise', '')).toBe('');
    expect(detailText('disk full')).toBe('disk full');
  });
  it('is told for a zone, a shelving, the parts and the gateway itself', () => {
    expect(said('zone_raise', 'b1-3/2 in the same zone')).toBe('同区设备 b1-3/2');
    expect(said('shelve', 'until 2026-11-22T04:00:00.000Z: works', '李强')).toBe('至 2026-11-22 12:00:00: works');
    expect(detailText('last round trip 0.3 ms')).toBe('最近一次往返 0.3 毫秒');
    expect(detailText('3 waiting, 0 refused')).toBe('待处理 3，拒收 0');
    expect(whoText('system')).toBe('网关');
    expect(whoText('王芳')).toBe('王芳');
  });
});
