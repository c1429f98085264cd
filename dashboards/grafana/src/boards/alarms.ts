import { redFrom, worseFrom } from '../board.ts';
import type { Board } from '../board.ts';
import { alarmsHereBy, here, inRange, quantile, sumHere, unacknowledged } from '../select.ts';
import { text } from '../text.ts';

export const alarms: Board = {
  uid: 'firegate-alarms',
  title: text('报警与处置', 'Alarms and response'),
  about: text('现在有什么报警，谁在处理，多久确认。', 'What is in alarm now, whether anybody acts on it, and how soon it was acknowledged.'),
  places: true,
  rows: [
    {
      title: text('现在', 'Now'),
      figures: [
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('火警', 'Fire alarms'),
          about: text('尚未复位的火警。每一条都须有人到场。', 'Fire alarms that have not been reset. Somebody has to go to each of them.'),
          queries: [{ expr: sumHere('firegate_place_alarms', 'class="fire_alarm", state!="normal"'), legend: text('火警', 'fire') }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('其他生命危险', 'Other threats to life'),
          about: text('燃气、一氧化碳、困人、一键报警，尚未复位。', 'Gas, carbon monoxide, entrapment and calls for help that have not been reset.'),
          queries: [{
            expr: sumHere('firegate_place_alarms', 'class=~"gas_alarm|co_alarm|lift_entrapment|one_key_alarm", state!="normal"'),
            legend: text('生命危险', 'life threat'),
          }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 10), title: text('未确认', 'Unacknowledged'),
          about: text('还没有人确认的报警。', 'Alarms that nobody has acknowledged yet.'),
          queries: [{ expr: sumHere('firegate_place_alarms', unacknowledged), legend: text('未确认', 'unacknowledged') }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('未入库的报警', 'Announced without a record'),
          about: text('因存储写不进去而先通知后补记的报警，所选时间内。', 'Alarms announced although the store could not write them, within the time shown.'),
          queries: [{ expr: inRange('firegate_alarms_not_recorded_total'), legend: text('未入库', 'not recorded') }],
        },
        {
          kind: 'number', unit: 'percentunit', limits: [{ from: -Infinity, colour: 'red' }, { from: 1, colour: 'green' }],
          title: text('有人值守的岗位', 'Posts with somebody listening'),
          about: text('有可见且能出声的报警台的岗位占全部岗位的比例。', 'The share of posts with a console that is visible and can sound.'),
          queries: [{ expr: 'firegate_posts_audible / clamp_min(firegate_posts, 1)', legend: text('岗位', 'posts') }],
        },
        {
          kind: 'number', unit: 'short', title: text('已连接的报警台', 'Consoles connected'),
          about: text('连着实时消息的报警台和程序。', 'Consoles and programs that are connected to the live feed.'),
          queries: [{ expr: 'firegate_live_clients', legend: text('报警台', 'consoles') }],
        },
        {
          kind: 'bars', unit: 'short', words: 'class', title: text('报警类别', 'Alarms by class'),
          about: text('现有报警，按类别。', 'Live alarms by class.'),
          queries: [{ expr: alarmsHereBy('class'), legend: '{{class}}' }],
        },
        {
          kind: 'bars', unit: 'short', words: 'alarm_state', title: text('报警状态', 'Alarms by state'),
          about: text('现有报警，按 ISA-18.2 的状态。', 'Live alarms by their state of ISA-18.2.'),
          queries: [{ expr: alarmsHereBy('state'), legend: '{{state}}' }],
        },
      ],
    },
    {
      title: text('处置', 'Response'),
      figures: [
        {
          kind: 'lines', unit: 's', words: 'priority', title: text('确认用时（95 %）', 'Time to acknowledge, 95 %'),
          about: text('所选时间内，95 % 的报警在这个时间内得到确认。全部地点。', 'Of the alarms acknowledged in the time shown, 95 % were within this. All places.'),
          queries: [{ expr: quantile(0.95, 'firegate_acknowledge_time_seconds', 'priority', '$__range'), legend: '{{priority}}' }],
        },
        {
          kind: 'number', unit: 'percentunit', width: 6, title: text('3 分钟内确认', 'Acknowledged within 3 min'),
          about: text('所选时间内 3 分钟以内确认的报警比例。全部地点。', 'The share of alarms acknowledged within 3 minutes, in the time shown. All places.'),
          limits: [{ from: -Infinity, colour: 'red' }, { from: 0.8, colour: 'orange' }, { from: 0.95, colour: 'green' }],
          queries: [{
            expr: `${inRange('firegate_acknowledge_time_seconds_bucket{le="180"}')} / ${inRange('firegate_acknowledge_time_seconds_count')}`,
            legend: text('3 分钟内', 'within 3 min'),
          }],
        },
        {
          kind: 'number', unit: 'percentunit', width: 6, title: text('误报比例', 'Share of false alarms'),
          about: text('所选时间内定性为非真实警情的比例。误报多会让人不再相信报警。', 'Of the verdicts given in the time shown, those that are not real. Many of them teach people not to believe alarms.'),
          limits: worseFrom(0.3, 0.6),
          queries: [{
            expr: `${inRange('firegate_verdicts_total{verdict!~"real|unknown"}')} / ${inRange('firegate_verdicts_total')}`,
            legend: text('误报', 'false'),
          }],
        },
        {
          kind: 'lines', unit: 'short', words: 'class', title: text('每小时新报警', 'Alarms raised an hour'),
          about: text('全部地点每小时发生的报警，按类别。', 'Alarms raised an hour in all places, by class.'),
          queries: [{ expr: 'sum by (class) (increase(firegate_alarms_raised_total[1h]))', legend: '{{class}}' }],
        },
        {
          kind: 'bars', unit: 'short', words: 'act', title: text('人的操作', 'Acts of people'),
          about: text('所选时间内值班人员对报警做了什么。', 'What people did to alarms in the time shown.'),
          queries: [{ expr: inRange('firegate_acts_total', 'kind'), legend: '{{kind}}' }],
        },
        {
          kind: 'bars', unit: 'short', words: 'verdict', title: text('定性', 'Verdicts'),
          about: text('所选时间内人们认定报警是什么。', 'What people found alarms to be, in the time shown.'),
          queries: [{ expr: inRange('firegate_verdicts_total', 'verdict'), legend: '{{verdict}}' }],
        },
      ],
    },
    {
      title: text('通知', 'Notices'),
      figures: [
        {
          kind: 'lines', unit: 'short', title: text('每小时送达', 'Notices delivered an hour'),
          about: text('各通知渠道每小时送达的通知。', 'Notices delivered an hour, by channel.'),
          queries: [{ expr: 'sum by (channel) (increase(firegate_deliveries_sent_total[1h])) or vector(0)', legend: '{{channel}}' }],
        },
        {
          kind: 'lines', unit: 'short', title: text('每小时失败', 'Failed attempts an hour'),
          about: text('各通知渠道每小时失败的投递。失败的会再试；持续失败请检查渠道。', 'Attempts that failed an hour, by channel. They are tried again; a channel that keeps failing needs a look.'),
          queries: [{ expr: 'sum by (channel) (increase(firegate_deliveries_failed_total[1h])) or vector(0)', legend: '{{channel}}' }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(20, 200), title: text('等待送达', 'Deliveries waiting'),
          about: text('还没有送达的通知。', 'Deliveries that are not yet done.'),
          queries: [{ expr: 'firegate_deliveries_waiting', legend: text('等待', 'waiting') }],
        },
        {
          kind: 'bars', unit: 'short', width: 8, title: text('报警最多的楼栋', 'Buildings with most alarms'),
          about: text('现有报警最多的十栋。', 'The ten buildings with most live alarms.'),
          queries: [{ expr: `topk(10, sum by (estate, building) (firegate_place_alarms{${here}})) or vector(0)`, legend: '{{estate}} {{building}}' }],
        },
      ],
    },
  ],
};
