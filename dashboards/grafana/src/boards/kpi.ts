import { worseBelow, worseFrom } from '../board.ts';
import type { Board } from '../board.ts';
import { accessRate, here, onlineRate, quantile, unacknowledged } from '../select.ts';
import { text } from '../text.ts';

// Grouped by estate without the buildings' variable: the district compares estates.
const estates = 'estate=~"$estate", building=~"$building", estate!=""';

export const kpi: Board = {
  uid: 'firegate-kpi',
  title: text('小区与辖区指标', 'Estate and district KPIs'),
  about: text(
    '接入率 = 至少上报过一次的 ÷ 已登记的；在线率 = 在自身周期内有消息的 ÷ 在用的。',
    'Access rate: heard at least once, of those mapped. Online rate: heard within their own time, of those in service.',
  ),
  places: true,
  rows: [
    {
      title: text('辖区', 'District'),
      figures: [
        {
          kind: 'number', unit: 'percentunit', decimals: 1, limits: worseBelow(1, 0.95), title: text('接入率', 'Access rate'), about: text('至少上报过一次的设备 ÷ 已登记设备。', 'Devices heard at least once, of those mapped.'),
          queries: [{ expr: accessRate(estates), legend: text('接入率', 'access') }],
        },
        {
          kind: 'number', unit: 'percentunit', decimals: 1, limits: worseBelow(0.98, 0.9), title: text('在线率（现在）', 'Online rate, now'), about: text('在自身周期内有消息的设备 ÷ 在用设备。', 'Devices heard within their own time, of those in service.'),
          queries: [{ expr: onlineRate(estates), legend: text('在线率', 'online') }],
        },
        {
          kind: 'number', unit: 'percentunit', decimals: 1, limits: worseBelow(0.98, 0.9), title: text('在线率（时段平均）', 'Online rate, averaged'), about: text('所选时间内按时间加权的在线率。', 'The online rate weighted by time, over the time shown.'),
          queries: [{ expr: `avg_over_time((${onlineRate(estates)})[$__range:$__interval])`, legend: text('平均', 'average') }],
        },
        {
          kind: 'number', unit: 'short', title: text('楼栋', 'Buildings'), about: text('有设备的楼栋。', 'Buildings with devices.'),
          queries: [{ expr: `count(count by (estate, building) (firegate_place_devices{${estates}}))`, legend: text('楼栋', 'buildings') }],
        },
        {
          kind: 'number', unit: 's', limits: worseFrom(60, 180), title: text('确认用时中位数', 'Median time to acknowledge'), about: text('所选时间内一半的报警在这个时间内得到确认。', 'Half of the alarms acknowledged in the time shown were within this.'),
          queries: [{ expr: quantile(0.5, 'firegate_acknowledge_time_seconds', '', '$__range'), legend: text('中位数', 'median') }],
        },
        {
          kind: 'number', unit: 'short', title: text('24 小时报警', 'Alarms in 24 h'), about: text('最近 24 小时发生的报警，不含故障、屏蔽和测试。', 'Alarms raised in the last 24 hours, without faults, disablements and tests.'),
          queries: [{ expr: 'sum(increase(firegate_alarms_raised_total{class!~"fault|disablement|test"}[24h]))', legend: text('报警', 'alarms') }],
        },
      ],
    },
    {
      title: text('各小区', 'By estate'),
      figures: [
        {
          kind: 'bars', unit: 'percentunit', limits: worseBelow(1, 0.95), title: text('接入率', 'Access rate'), about: text('各小区的接入率。', 'The access rate of each estate.'),
          queries: [{ expr: accessRate(estates, 'estate'), legend: '{{estate}}' }],
        },
        {
          kind: 'bars', unit: 'percentunit', limits: worseBelow(0.98, 0.9), title: text('在线率', 'Online rate'), about: text('各小区的在线率。', 'The online rate of each estate.'),
          queries: [{ expr: onlineRate(estates, 'estate'), legend: '{{estate}}' }],
        },
        {
          kind: 'bars', unit: 'short', limits: worseFrom(1, 10), title: text('现有报警', 'Live alarms'), about: text('各小区现有的报警。', 'Live alarms of each estate.'),
          queries: [{
            expr: `sum by (estate) (firegate_place_alarms{${estates}, state!="normal"}) or sum by (estate) (firegate_place_devices{${estates}} * 0)`,
            legend: '{{estate}}',
          }],
        },
        {
          kind: 'bars', unit: 'short', limits: worseFrom(1, 10), title: text('未确认', 'Unacknowledged'), about: text('各小区还没有人确认的报警。', 'Alarms of each estate that nobody has acknowledged.'),
          queries: [{
            expr: `sum by (estate) (firegate_place_alarms{${estates}, ${unacknowledged}}) or sum by (estate) (firegate_place_devices{${estates}} * 0)`,
            legend: '{{estate}}',
          }],
        },
        {
          kind: 'lines', unit: 'percentunit', title: text('各楼栋在线率', 'Online rate by building'), about: text('最低的十栋。', 'The ten lowest buildings.'),
          queries: [{ expr: `bottomk(10, ${onlineRate(here, 'estate, building')})`, legend: '{{estate}} {{building}}' }],
        },
        {
          kind: 'bars', unit: 'short', limits: worseFrom(1, 10), title: text('电量低的设备', 'Batteries low'), about: text('各小区电量不超过 20 % 的设备。', 'Devices of each estate with at most 20 % of their battery left.'),
          queries: [{ expr: `sum by (estate) (firegate_place_batteries{${estates}, band=~"critical|low"})`, legend: '{{estate}}' }],
        },
      ],
    },
  ],
};
