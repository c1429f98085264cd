// The texts of commands to devices, in pairs of Chinese and English. `c`: such a text; `commandWord`: a word of theirs.
import { inPairs, wordsInPairs, type Pairs } from './pairs';

const kTexts = {
  commands: ['命令', 'Commands'],
  none: ['还没有下过命令', 'Nothing has been ordered yet'],
  title: ['{command}：{name}？', '{command}: {name}?'],
  dangerous: ['现场会立即动作。请确认没有人因此遇险。', 'It acts at once, on the spot. Make sure that nobody comes to harm by it.'],
  port: ['端口', 'Port'],
  port_wrong: ['端口是 0 到 32767 的整数', 'A port is a whole number from 0 to 32767'],
  reason: ['原因', 'Reason'],
  order: ['下命令', 'Order it'],
  on_port: ['{command} · 端口 {port}', '{command} · port {port}'],
  by: ['{by}：{reason}', '{by}: {reason}'],
} as const satisfies Pairs;

const kWords = {
  command: {
    cut_off: ['断电', 'Cut off'], release: ['解除锁定', 'Release'], start: ['开始充电', 'Start'], stop: ['停止充电', 'Stop'],
    hold_door: ['保持开门', 'Hold the door'], release_door: ['释放电梯门', 'Release the door'], recall: ['消防迫降', 'Fire recall'],
    sound: ['发声', 'Sound'], strobe: ['闪灯', 'Strobe'], silence_device: ['设备消音', 'Silence the device'],
    switch_on: ['接通', 'Switch on'], switch_off: ['断开', 'Switch off'], open_valve: ['开阀', 'Open the valve'], close_valve: ['关阀', 'Close the valve'],
    query: ['查询', 'Query'], set_limits: ['设置限值', 'Set limits'], sync_clock: ['校时', 'Set the clock'], duty_check: ['查岗', 'Duty check'],
  },
  state: {
    requested: ['已记录', 'Recorded'], sent: ['已发出', 'Sent'], accepted: ['设备已接受', 'Accepted by the device'], done: ['设备报告已执行', 'Done, says the device'],
    verified: ['已证实', 'Verified'], failed: ['设备未能执行', 'The device could not'], timed_out: ['没有回答，可能已执行', 'No answer; it may have happened'],
    refused: ['未发出', 'Not sent'],
  },
} as const satisfies Readonly<Record<string, Pairs>>;

export const kCommandTexts: Pairs = kTexts; // for the test that compares the two
export const c = inPairs(kTexts);
export const commandWord = wordsInPairs(kWords);
