import { redFrom, worseBelow, worseFrom } from '../board.ts';
import type { Board } from '../board.ts';
import { here, onlineRate, sumHere } from '../select.ts';
import { text } from '../text.ts';

export const lifts: Board = {
  uid: 'firegate-lifts',
  title: text('电梯', 'Lifts'),
  about: text('电梯的运行模式、困人和电动车入梯。', 'The modes of the lifts, people trapped in them, and e-bikes carried in.'),
  places: true,
  rows: [
    {
      title: text('现在', 'Now'),
      figures: [
        {
          kind: 'number', unit: 'short', title: text('电梯', 'Lifts'), about: text('报告过运行模式的电梯。', 'Lifts that have told their mode.'),
          queries: [{ expr: sumHere('firegate_lifts'), legend: text('电梯', 'lifts') }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('困人', 'Entrapments'), about: text('现有的困人报警。', 'Live alarms of people trapped.'),
          queries: [{ expr: sumHere('firegate_place_alarms', 'class="lift_entrapment", state!="normal"'), legend: text('困人', 'trapped') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 5), title: text('电动车入梯', 'E-bikes in lifts'), about: text('现有的电动车入梯报警。', 'Live alarms of e-bikes in lifts.'),
          queries: [{ expr: sumHere('firegate_place_alarms', 'class="ebike_intrusion", state!="normal"'), legend: text('电动车', 'e-bikes') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 5), title: text('停止服务', 'Out of service'), about: text('停止服务或检修的电梯。', 'Lifts that are out of service or under inspection.'),
          queries: [{ expr: sumHere('firegate_lifts', 'mode=~"out_of_service|inspection"'), legend: text('停用', 'out of service') }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('消防模式', 'Fire modes'), about: text('处于消防迫降或消防员模式的电梯。', 'Lifts in fire recall or in the firefighters’ mode.'),
          queries: [{ expr: sumHere('firegate_lifts', 'mode=~"fire_recall|firefighter"'), legend: text('消防模式', 'fire mode') }],
        },
        {
          kind: 'number', unit: 'percentunit', decimals: 1, limits: worseBelow(0.98, 0.9), title: text('梯控在线率', 'Controllers online'),
          about: text('电梯控制器和识别摄像机的在线率。', 'The online rate of elevator controllers and of the cameras that know e-bikes.'),
          queries: [{ expr: onlineRate(`${here}, kind=~"elevator_controller|ebike_camera"`), legend: text('在线率', 'online') }],
        },
      ],
    },
    {
      title: text('变化', 'Over time'),
      figures: [
        {
          kind: 'bars', unit: 'short', words: 'mode', title: text('运行模式', 'Lifts by mode'), about: text('电梯，按运行模式。', 'Lifts by mode.'),
          queries: [{ expr: `sum by (mode) (firegate_lifts{${here}})`, legend: '{{mode}}' }],
        },
        {
          kind: 'lines', unit: 'short', words: 'class', title: text('每小时困人与电动车入梯', 'Entrapments and e-bikes an hour'),
          about: text('全部地点每小时的困人和电动车入梯。', 'People trapped and e-bikes carried in, an hour, in all places.'),
          queries: [{ expr: 'sum by (class) (increase(firegate_alarms_raised_total{class=~"lift_entrapment|ebike_intrusion"}[1h]))', legend: '{{class}}' }],
        },
      ],
    },
  ],
};
