import { redFrom, worseBelow, worseFrom } from '../board.ts';
import type { Board } from '../board.ts';
import { here, onlineRate, sumHere } from '../select.ts';
import { text } from '../text.ts';

export const charging: Board = {
  uid: 'firegate-charging',
  title: text('充电与车棚', 'Charging and garages'),
  about: text('电动自行车充电端口的状态、功率和充电隐患。', 'The ports that charge e-bikes: what they do, what they draw, and what is dangerous about them.'),
  places: true,
  rows: [
    {
      title: text('端口', 'Ports'),
      figures: [
        {
          kind: 'number', unit: 'short', title: text('端口', 'Ports'), about: text('报告过状态的充电端口。', 'Charging ports that have told their state.'),
          queries: [{ expr: sumHere('firegate_charging_ports'), legend: text('端口', 'ports') }],
        },
        {
          kind: 'number', unit: 'short', title: text('正在充电', 'Charging now'), about: text('正在充电的端口。', 'Ports that charge just now.'),
          queries: [{ expr: sumHere('firegate_charging_ports', 'state="charging"'), legend: text('充电中', 'charging') }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('锁定', 'Locked out'),
          about: text('被安全切断、等人放行的端口。', 'Ports that were cut off for safety and wait for a person to release them.'),
          queries: [{ expr: sumHere('firegate_charging_ports', 'state="locked_out"'), legend: text('锁定', 'locked out') }],
        },
        {
          kind: 'number', unit: 'short', limits: worseFrom(1, 5), title: text('端口故障', 'Ports at fault'), about: text('报告故障的端口。', 'Ports that say they are at fault.'),
          queries: [{ expr: sumHere('firegate_charging_ports', 'state="fault"'), legend: text('故障', 'fault') }],
        },
        {
          kind: 'number', unit: 'watt', title: text('充电功率', 'Charging power'), about: text('全部充电桩现在的功率。', 'What all charging stations draw now.'),
          queries: [{ expr: sumHere('firegate_charging_power_watts'), legend: text('功率', 'power') }],
        },
        {
          kind: 'number', unit: 'percentunit', decimals: 1, limits: worseBelow(0.98, 0.9), title: text('充电桩在线率', 'Stations online'),
          about: text('充电桩和换电柜的在线率。离线的充电桩切不断电。', 'The online rate of charging stations and swap cabinets. One that is lost cannot be cut off.'),
          queries: [{ expr: onlineRate(`${here}, kind=~"charging_station|swap_cabinet"`), legend: text('在线率', 'online') }],
        },
        {
          kind: 'bars', unit: 'short', words: 'port_state', title: text('端口状态', 'Ports by state'), about: text('充电端口，按状态。', 'Charging ports by state.'),
          queries: [{ expr: `sum by (state) (firegate_charging_ports{${here}})`, legend: '{{state}}' }],
        },
        {
          kind: 'lines', unit: 'watt', title: text('各车棚功率', 'Power by building'), about: text('各楼栋（车棚）的充电功率。', 'What each building or garage draws for charging.'),
          queries: [{ expr: `sum by (estate, building) (firegate_charging_power_watts{${here}})`, legend: '{{estate}} {{building}}' }],
        },
      ],
    },
    {
      title: text('隐患', 'Hazards'),
      figures: [
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('充电隐患', 'Charging hazards'), about: text('现有的充电隐患报警。', 'Live alarms of the class charging hazard.'),
          queries: [{ expr: sumHere('firegate_place_alarms', 'class="charging_hazard", state!="normal"'), legend: text('充电隐患', 'hazards') }],
        },
        {
          kind: 'number', unit: 'short', limits: redFrom(1), title: text('电气火灾', 'Electrical fire'), about: text('现有的电气火灾报警。', 'Live alarms of the class electrical fire.'),
          queries: [{ expr: sumHere('firegate_place_alarms', 'class="electrical_fire", state!="normal"'), legend: text('电气火灾', 'electrical fire') }],
        },
        {
          kind: 'lines', unit: 'short', width: 16, title: text('每小时充电隐患', 'Charging hazards an hour'), about: text('全部地点每小时新发生的充电隐患。', 'Charging hazards raised an hour in all places.'),
          queries: [{ expr: 'sum(increase(firegate_alarms_raised_total{class="charging_hazard"}[1h]))', legend: text('充电隐患', 'hazards') }],
        },
      ],
    },
  ],
};
