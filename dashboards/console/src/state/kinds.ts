// What people call the kinds of devices: to read a maker's list, and to make a device's name short. Pure.
import type { DeviceView } from '../contract';

export type Kind = DeviceView['kind'];

interface Called {
  short: readonly [zh: string, en: string]; // in a name, 12-301-烟感1
  also: readonly RegExp[]; // how lists of makers put it; the first kind that fits is meant
}

export const kCalled: Readonly<Record<Kind, Called>> = {
  multi_detector: { short: ['复合', 'Multi'], also: [/烟温|复合|multi|combined/i] },
  smoke_detector: { short: ['烟感', 'Smoke'], also: [/烟|smoke/i] },
  heat_detector: { short: ['温感', 'Heat'], also: [/感温|温感|heat/i] },
  co_detector: { short: ['一氧化碳', 'CO'], also: [/一氧化碳|\bco\b|carbon monoxide/i] },
  gas_detector: { short: ['燃气', 'Gas'], also: [/燃气|可燃|天然气|煤气|\bgas\b/i] },
  manual_call_point: { short: ['手报', 'MCP'], also: [/手报|手动(火灾)?报警|call point|\bmcp\b/i] },
  sos_button: { short: ['一键', 'SOS'], also: [/一键|紧急(呼叫|按钮)|\bsos\b|panic/i] },
  swap_cabinet: { short: ['换电柜', 'Swap'], also: [/换电|swap/i] },
  charging_station: { short: ['充电桩', 'Charger'], also: [/充电|charg/i] },
  elevator_controller: { short: ['电梯', 'Lift'], also: [/电梯|梯控|elevator|\blift\b/i] },
  ebike_camera: { short: ['摄像', 'Cam'], also: [/摄像|相机|camera/i] },
  electrical_fire_monitor: { short: ['电气', 'Elec'], also: [/电气火灾|剩余电流|漏电|electrical/i] },
  water_pressure_sensor: { short: ['水压', 'Press'], also: [/水压|压力|pressure/i] },
  water_level_sensor: { short: ['水位', 'Level'], also: [/水位|液位|water level/i] },
  door_contact: { short: ['门磁', 'Door'], also: [/门磁|防火门|door/i] },
  sounder: { short: ['声光', 'Sounder'], also: [/声光|警铃|sounder|siren/i] },
  relay: { short: ['继电器', 'Relay'], also: [/继电器|relay/i] },
  metering_plug: { short: ['插座', 'Plug'], also: [/插座|plug/i] },
  fire_panel: { short: ['主机', 'Panel'], also: [/火灾报警控制器|报警主机|fire panel/i] },
  user_transmission_unit: { short: ['用传', 'UTU'], also: [/用传|用户信息传输|transmission unit/i] },
  environment_sensor: { short: ['温湿度', 'Env'], also: [/温湿度|环境|environment|humidity/i] },
  gateway: { short: ['网关', 'GW'], also: [/网关|gateway/i] },
};

export const kKinds = Object.keys(kCalled) as Kind[];

// The kind that a text names, by its word in the API or as people say it; null where it is none of ours.
export function kindOf(text: string, words: (kind: Kind) => readonly string[]): Kind | null {
  const said = text.trim().toLowerCase();
  if (said === '') return null;
  const exact = kKinds.find((kind) => kind === said || words(kind).some((one) => one.toLowerCase() === said));
  return exact ?? kKinds.find((kind) => kCalled[kind].also.some((pattern) => pattern.test(said))) ?? null;
}
