import { redFrom, worseFrom } from '../board.ts';
import type { Board } from '../board.ts';
import { inRange, sumHere } from '../select.ts';
import { text } from '../text.ts';

export const faults: Board = {
  uid: 'firegate-faults',
  title: text('故障', 'Faults'),
  about: text('网关今晚可不可信：自身的故障，和设备的故障。', 'Whether the gateway can be trusted tonight: its own faults, and those of the devices.'),
  places: true,
  rows: [
    {
      title: text('网关自身', 'The gateway itself'),
      figures: [
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('现有自身故障', 'Faults present'), about: text('网关自己现有的故障。', 'Faults of the gateway itself that are there now.'),
          queries: [{ expr: 'sum(firegate_self_faults_present)', legend: text('故障', 'faults') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 10), title: text('连接中断', 'Broker losses'), about: text('所选时间内与消息服务器断开的次数。', 'How often the broker was lost in the time shown.'),
          queries: [{ expr: inRange('firegate_broker_losses_total'), legend: text('中断', 'losses') }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('提交失败', 'Commits failed'), about: text('所选时间内数据库写不进去的次数。', 'How often the store could not write in the time shown.'),
          queries: [{ expr: inRange('firegate_commit_failures_total'), legend: text('失败', 'failed') }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('收件箱拒收', 'Inbox refusals'), about: text('收件箱收不下的消息。设备以为已送达的不会在此列。', 'Messages the inbox could not take. They were not acknowledged and come again.'),
          queries: [{ expr: inRange('firegate_inbox_refused_messages_total'), legend: text('拒收', 'refused') }],
        },
        {
          kind: 'number', unit: 'd', decimals: 0, title: text('证书剩余', 'Certificate left'),
          about: text('HTTPS 证书还有几天到期；−1 表示没有 HTTPS。', 'Days until the HTTPS certificate ends; −1: there is no HTTPS.'),
          limits: [{ from: -Infinity, colour: 'blue' }, { from: 0, colour: 'red' }, { from: 7, colour: 'orange' }, { from: 30, colour: 'green' }],
          queries: [{ expr: 'clamp_min((firegate_certificate_ends_seconds > 0) - time(), 0) / 86400 or (firegate_certificate_ends_seconds == 0) - 1', legend: text('剩余', 'left') }],
        },
        {
          kind: 'number', unit: 's', limits: worseFrom(5, 20), title: text('最久静默的循环', 'Most silent loop'), about: text('最慢的循环多久没有转一圈。', 'Since the slowest loop of the gateway came round.'),
          queries: [{ expr: 'max(firegate_loop_silence_seconds)', legend: text('静默', 'silence') }],
        },
        {
          kind: 'bars', unit: 'short', words: 'code', limits: redFrom(1), title: text('现有故障', 'Present, by code'), about: text('网关自己现有的故障，按代码。', 'Faults of the gateway that are there now, by code.'),
          queries: [{ expr: 'sum by (code) (firegate_self_faults_present)', legend: '{{code}}' }],
        },
        {
          kind: 'lines', unit: 'short', words: 'code', title: text('每小时发生', 'Raised an hour'), about: text('网关自己每小时发生的故障，按代码。', 'Faults of the gateway raised an hour, by code.'),
          queries: [{ expr: 'sum by (code) (increase(firegate_self_faults_total[1h]))', legend: '{{code}}' }],
        },
        {
          kind: 'bars', unit: 'short', title: text('被拒绝的网页连接', 'Connections turned away'), about: text('所选时间内网页部分拒绝的连接和请求，按原因。', 'Connections and requests turned away in the time shown, by reason.'),
          queries: [{ expr: inRange('firegate_http_refused_total', 'reason'), legend: '{{reason}}' }],
        },
      ],
    },
    {
      title: text('设备', 'Devices'),
      figures: [
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 10), title: text('设备故障', 'Device faults'), about: text('现有的故障报警，含失联。', 'Live alarms of the class fault, lost devices among them.'),
          queries: [{ expr: sumHere('firegate_place_alarms', 'class="fault", state!="normal"'), legend: text('故障', 'faults') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 10), title: text('不在线', 'Not online'), about: text('在用但不在线的设备。', 'Devices in service that are not online.'),
          queries: [{
            expr: `(${sumHere('firegate_place_devices')}) - (${sumHere('firegate_place_devices_disabled')}) - (${sumHere('firegate_place_devices_online')})`,
            legend: text('不在线', 'not online'),
          }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('电池极低', 'Batteries critical'), about: text('电量不超过 10 % 的设备。现在就换。', 'Devices with at most 10 % of their battery left. Change it now.'),
          queries: [{ expr: sumHere('firegate_place_batteries', 'band="critical"'), legend: text('极低', 'critical') }],
        },
        {
          kind: 'bars', unit: 'short', title: text('各楼栋故障', 'Faults by building'), about: text('故障报警最多的十栋；只列有故障的。', 'The ten buildings with most faults; those without are not listed.'),
          queries: [{ expr: 'topk(10, sum by (estate, building) (firegate_place_alarms{estate=~"$estate", building=~"$building", class="fault", state!="normal"})) or vector(0)', legend: '{{estate}} {{building}}' }],
        },
      ],
    },
  ],
};
