import { worseBelow, worseFrom } from '../board.ts';
import type { Board } from '../board.ts';
import { accessRate, here, inRange, onlineRate, perSecond, sumHere } from '../select.ts';
import { text } from '../text.ts';

export const devices: Board = {
  uid: 'firegate-devices',
  title: text('设备与链路', 'Devices and links'),
  about: text('设备是否都接入、都在线，链路是否通，消息能否读懂。', 'Whether all devices have come in and are heard, whether the links work and the messages can be read.'),
  places: true,
  rows: [
    {
      title: text('设备', 'Devices'),
      figures: [
        {
          kind: 'number', unit: 'percentunit', decimals: 1, limits: worseBelow(0.98, 0.9), title: text('在线率', 'Online rate'),
          about: text('在自身上报周期内有消息的设备 ÷ 在用设备。', 'Devices heard within their own time, of those in service.'),
          queries: [{ expr: onlineRate(here), legend: text('在线率', 'online') }],
        },
        {
          kind: 'number', unit: 'percentunit', decimals: 1, limits: worseBelow(1, 0.95), title: text('接入率', 'Access rate'),
          about: text('至少上报过一次的设备 ÷ 已登记设备。', 'Devices heard at least once, of those mapped.'),
          queries: [{ expr: accessRate(here), legend: text('接入率', 'access') }],
        },
        {
          kind: 'number', unit: 'short', title: text('已登记设备', 'Mapped devices'),
          about: text('有地点和类型的设备。', 'Devices with a place and a kind.'),
          queries: [{ expr: sumHere('firegate_place_devices'), legend: text('设备', 'devices') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 20), title: text('停用', 'Out of service'),
          about: text('被人停用的设备。停用期间不报警。', 'Devices that somebody has disabled. They raise nothing meanwhile.'),
          queries: [{ expr: sumHere('firegate_place_devices_disabled'), legend: text('停用', 'disabled') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 20), title: text('未登记设备', 'Unmapped devices'),
          about: text('有消息但不在册的设备。请在“待接入”中登记。', 'Devices that are heard and that nobody has mapped. Adopt them on the page of unmapped devices.'),
          queries: [{ expr: 'firegate_devices_unmapped', legend: text('未登记', 'unmapped') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 10), title: text('电量低', 'Batteries low'),
          about: text('电量不超过 20 % 的设备。', 'Devices with at most 20 % of their battery left.'),
          queries: [{ expr: sumHere('firegate_place_batteries', 'band=~"critical|low"'), legend: text('电量低', 'low') }],
        },
        {
          kind: 'bars', unit: 'percentunit', words: 'device_kind', limits: worseBelow(0.98, 0.9), title: text('在线率：设备类型', 'Online rate by kind'),
          about: text('各类设备的在线率。', 'The online rate of each kind of device.'),
          queries: [{ expr: onlineRate(here, 'kind'), legend: '{{kind}}' }],
        },
        {
          kind: 'bars', unit: 'percentunit', limits: worseBelow(0.98, 0.9), title: text('在线率：小区', 'Online rate by estate'),
          about: text('各小区的在线率。', 'The online rate of each estate.'),
          queries: [{ expr: onlineRate(here, 'estate'), legend: '{{estate}}' }],
        },
        {
          kind: 'lines', unit: 'percentunit', title: text('在线率变化', 'Online rate over time'),
          about: text('在线率随时间的变化。突然下降多半是链路或供电问题。', 'How the online rate went. A sudden fall is mostly a link or a power supply.'),
          queries: [{ expr: onlineRate(here, 'estate'), legend: '{{estate}}' }],
        },
        {
          kind: 'bars', unit: 'short', words: 'band', title: text('电池', 'Batteries'),
          about: text('按剩余电量分组的设备。', 'Devices by what is left in their battery.'),
          queries: [{ expr: `sum by (band) (firegate_place_batteries{${here}})`, legend: '{{band}}' }],
        },
        {
          kind: 'bars', unit: 'short', words: 'device_kind', title: text('设备类型', 'Devices by kind'),
          about: text('已登记设备，按类型。', 'Mapped devices by kind.'),
          queries: [{ expr: `sum by (kind) (firegate_place_devices{${here}})`, legend: '{{kind}}' }],
        },
      ],
    },
    {
      title: text('链路与消息', 'Links and messages'),
      figures: [
        {
          kind: 'number', unit: 'bool_on_off', limits: [{ from: -Infinity, colour: 'red' }, { from: 1, colour: 'green' }],
          title: text('消息服务器', 'Broker'), about: text('与消息服务器的连接。断开时设备的消息到不了这里。', 'The connection to the broker. While it is lost, nothing of the devices arrives.'),
          queries: [{ expr: 'firegate_broker_connected', legend: text('已连接', 'connected') }],
        },
        {
          kind: 'number', unit: 's', limits: worseFrom(1, 10), title: text('自检消息往返', 'Canary round trip'),
          about: text('一条自己的消息经消息服务器回来用了多久。', 'How long a message of our own took through the broker and back.'),
          queries: [{ expr: 'firegate_canary_round_trip_seconds', legend: text('往返', 'round trip') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 1000), title: text('服务器丢弃', 'Dropped by the broker'),
          about: text('消息服务器自己说丢弃了多少消息。应为 0；否则加大它的队列。', 'Messages that the broker says it dropped. Expect 0; else its queues are too small.'),
          queries: [{ expr: 'firegate_broker_dropped_messages', legend: text('丢弃', 'dropped') }],
        },
        {
          kind: 'lines', unit: 'cps', title: text('每秒消息：协议', 'Messages a second by format'),
          about: text('每种协议每秒的消息。', 'Messages a second of each wire format.'),
          queries: [{ expr: perSecond('firegate_messages_total', 'driver'), legend: '{{driver}}' }],
        },
        {
          kind: 'lines', unit: 'cps', words: 'outcome', title: text('每秒消息：结果', 'Messages a second by outcome'),
          about: text('消息被采用、无需记录、读不懂还是重复。', 'Whether messages gave readings, nothing to record, could not be read, or had come before.'),
          queries: [{ expr: perSecond('firegate_messages_total', 'outcome'), legend: '{{outcome}}' }],
        },
        {
          kind: 'bars', unit: 'short', words: 'reject', title: text('读不懂的原因', 'Why messages were not understood'),
          about: text('所选时间内读不懂的消息，按原因。样例见“隔离”页。', 'Messages that could not be read in the time shown, by reason. Samples are kept in quarantine.'),
          queries: [{ expr: inRange('firegate_messages_rejected_total', 'reason'), legend: '{{reason}}' }],
        },
        {
          kind: 'lines', unit: 'cps', title: text('向设备发送', 'Messages to devices'),
          about: text('每秒交给消息服务器的命令和答复，以及没有发出去的。', 'Commands and answers taken by the broker a second, and those that were not.'),
          queries: [
            { expr: perSecond('firegate_commands_sent_total'), legend: text('已发', 'sent') },
            { expr: perSecond('firegate_commands_failed_total'), legend: text('未发', 'failed') },
          ],
        },
      ],
    },
  ],
};
