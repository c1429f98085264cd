// The texts of the pages behind "manage" and of first arrival, in pairs of Chinese and English: loaded with those pages, not with the
// board. `o`: such a text; `officeWord`: a word of the gateway that only they show, as people say it.
import { language } from '../state/settings';
import { fill } from './catalogue';

const kTexts = {
  // first arrival
  setup_title: ['首次启用', 'First start'],
  setup_text: ['这台网关还没有用户。请建立第一个用户，他有全部权限。', 'This gateway has no users yet. Make the first one, who may do everything.'],
  setup_code: ['一次性代码', 'One-time code'],
  setup_code_hint: ['网关启动时打印在日志里；没有它，谁也不能抢先登记。', 'Printed in the gateway’s log when it started; without it nobody can be first but you.'],
  setup_user_hint: ['登录时输入的名字：小写字母、数字、点、横线，例如 wangfang。', 'What you type to sign in: small letters, digits, dots and dashes, for example wangfang.'],
  setup_name: ['姓名', 'Name'],
  setup_name_hint: ['操作记录里显示的名字，例如 王芳。', 'What the record of acts calls you, for example 王芳.'],
  setup_password_hint: ['至少 8 个字符，越长越好；不要求大小写或符号。', 'At least 8 characters, the longer the better; no rules about capitals or signs.'],
  setup_done: ['建立并登录', 'Make it and sign in'],
  setup_code_wrong: ['代码不对。重启网关会打印新的代码。', 'The code is wrong. Restarting the gateway prints a new one.'],
  setup_already: ['这台网关已经有用户了。', 'This gateway has users already.'],
  sound_title: ['听一下警声', 'Hear the alarm'],
  sound_text: ['报警时这台机器会响。请点一下，确认听得到。', 'This machine sounds when there is an alarm. Press, and make sure that it can be heard.'],
  sound_play: ['试听火警声', 'Play the fire sound'],
  sound_heard: ['听到了，打开报警页', 'I heard it: open the alarms'],
  sound_not_heard: ['没听到？请检查：音量是否打开、扬声器是否接好、浏览器标签页是否被静音。', 'Nothing heard? Check the volume, the loudspeaker, and whether the browser has muted this tab.'],
  join_title: ['这台设备登录', 'Sign this device in'],
  join_text: ['这个链接只能用一次，只对这台设备、这个浏览器有效。请在您要一直使用的浏览器里打开。', 'This link works once, for this device and this browser. Open it in the browser that you will go on using.'],
  join_code: ['代码', 'Code'],
  join_code_hint: ['屏幕上的二维码下面写着的代码。', 'The code that is written below the QR code.'],
  join_do: ['登录这台设备', 'Sign this device in'],
  join_wrong: ['链接不对、已经用过，或已过期。请重新生成一个。', 'The link is wrong, was used before, or has ended. Ask for a new one.'],
  join_done: ['已登录', 'Signed in'],
  join_open: ['打开报警页', 'Open the alarms'],
  password_title: ['设置新密码', 'Set a new password'],
  password_text: ['这个链接只能用一次。设好以后，用用户名和新密码登录。', 'This link works once. Afterwards sign in with your user name and the new password.'],
  password_new: ['新密码', 'New password'],
  password_set: ['设置密码', 'Set the password'],
  password_done: ['密码已设好，请登录。', 'The password is set. Sign in.'],
  // my account
  account_roles: ['我的权限', 'What I may do'],
  account_password: ['修改密码', 'Change my password'],
  password_old: ['现在的密码', 'Present password'],
  password_change: ['修改密码', 'Change it'],
  password_changed: ['密码已修改，其他地方的登录已结束。', 'The password is changed, and the other sessions have ended.'],
  account_pin: ['PIN', 'PIN'],
  pin_text: ['危险操作前要输 PIN：六位数字，不能是 111111、123456 这类。', 'Asked for before dangerous acts: six digits, not 111111 or 123456.'],
  pin_none: ['还没有 PIN；现在用密码代替。', 'No PIN yet: the password is asked for instead.'],
  pin_have: ['已设置 PIN。', 'A PIN is set.'],
  pin_new: ['新 PIN', 'New PIN'],
  pin_set: ['保存 PIN', 'Save the PIN'],
  pin_changed: ['PIN 已保存。', 'The PIN is saved.'],
  account_sessions: ['我登录的地方', 'Where I am signed in'],
  session_current: ['本机', 'here'],
  session_end_there: ['让那里退出', 'Sign out there'],
  account_machine: ['这台机器', 'This machine'],
  keys_hint: ['单个字母就能确认和消音；误触多的地方可以关掉。', 'Single letters acknowledge and silence; switch them off where they are hit by accident.'],
  // lists
  created: ['建立', 'Made'],
  opened: ['登录', 'Opened'],
  used: ['最近使用', 'Last used'],
  ends: ['到期', 'Ends'],
  never_ends: ['不到期', 'Does not end'],
  from_where: ['来自', 'From'],
  remove: ['删除', 'Remove'],
  save: ['保存', 'Save'],
  saved: ['已保存。', 'Saved.'],
  copy: ['复制', 'Copy'],
  copied: ['已复制', 'Copied'],
  none_yet: ['还没有', 'None yet'],
  sure: ['确定吗？', 'Are you sure?'],
  optional: ['可不填', 'optional'],
  // grants
  grants: ['权限', 'Roles'],
  grants_none: ['没有任何权限', 'No role at all'],
  role: ['角色', 'Role'],
  every_estate: ['所有小区', 'every estate'],
  other_estate: ['其他（填编号）', 'another, by its id'],
  estate_id: ['小区编号', 'Id of the estate'],
  grant_add: ['加一项', 'Add one'],
  grant_remove: ['去掉：{grant}', 'Take away: {grant}'],
  grant_in: ['{role}（{estate}）', '{role} in {estate}'],
  // users
  user_create: ['新建用户', 'New user'],
  user_id_hint: ['登录名：小写字母、数字、点、横线', 'To sign in: small letters, digits, dots, dashes'],
  user_none_password: ['尚无密码', 'no password yet'],
  user_no_pin: ['无 PIN', 'no PIN'],
  user_disabled: ['已停用', 'disabled'],
  user_created: ['用户已建立。请把这个链接交给本人，由他自己设密码：', 'The user is made. Hand this link to the person, who sets the password:'],
  user_disable: ['停用', 'Disable'],
  user_enable: ['启用', 'Enable'],
  user_disable_text: ['停用后立刻退出所有地方，不能再登录；记录保留。', 'Disabled users are signed out everywhere at once and cannot sign in; what they did stays on record.'],
  user_enable_text: ['启用后又能用原来的密码登录。', 'Enabled, the person can sign in again with the same password.'],
  user_drop: ['删除用户', 'Drop this user'],
  user_drop_text: ['删除 {name}（{id}）？他会立刻退出所有地方。操作日志里的记录保留。', 'Drop {name} ({id})? They are signed out everywhere at once. What they did stays in the journal.'],
  user_invite: ['发新密码链接', 'Link for a new password'],
  user_invite_text: ['给 {name} 一个一次性链接，用来设新密码。旧密码在设好新密码之前仍然有效。', 'Make a link with which {name} sets a new password, once. The old one counts until then.'],
  user_grants_hint: ['改动权限后，这个人的所有登录都会结束。', 'Changing roles ends all sessions of this person.'],
  conflict_title: ['刚才有人也改了这个用户', 'Somebody else has changed this user just now'],
  conflict_text: ['两边的内容如下，请选一个；不会自动合并。', 'Both versions are below. Choose one; nothing is merged.'],
  conflict_theirs: ['现在保存着的', 'What is stored now'],
  conflict_mine: ['您填的', 'What you entered'],
  conflict_take: ['用现在保存的', 'Take what is stored'],
  conflict_keep: ['用我填的覆盖', 'Put mine over it'],
  // invites and secrets
  link_once: ['这个链接只显示这一次，{time} 前有效，只能用一次。', 'Shown this once. It works once, until {time}.'],
  link_loopback: ['这个页面是在网关本机上打开的（{host}），别的设备打不开这个地址。请用网关的网络地址打开本页，再生成链接。', 'This page was opened on the gateway itself ({host}): other devices cannot reach that address. Open this page by the gateway’s address in the network, then make the link.'],
  link_qr: ['二维码：{what}', 'QR code: {what}'],
  link_trust: ['手机第一次使用，先装证书', 'A new phone first installs the certificate'],
  // sessions
  sessions_text: ['谁在哪里登录着。', 'Who is signed in, and where.'],
  session_user: ['用户', 'User'],
  session_kind: ['方式', 'Kind'],
  session_end: ['结束', 'End'],
  session_end_text: ['结束 {who} 的这个登录？那里会立刻回到登录页。', 'End this session of {who}? The screen there goes to the sign-in page at once.'],
  // tokens
  tokens_text: ['给程序用的钥匙：不超过您自己的权限，到期自动失效。', 'Keys for programs: never more than your own roles, and over when they end.'],
  token_create: ['新建令牌', 'New token'],
  token_name: ['用途', 'What it is for'],
  token_ends: ['有效期至', 'Valid until'],
  token_created: ['令牌只显示这一次，请现在存好：', 'The token is shown this once. Store it now:'],
  token_drop_text: ['删除令牌“{name}”？用它的程序会立刻失去访问。', 'Drop the token “{name}”? Programs that use it lose access at once.'],
  token_ended: ['已到期', 'ended'],
  // screens
  screens_text: ['用二维码让一块屏幕或一部手机登录，不用在那里输密码。', 'Sign a screen or a phone in by QR code, without typing a password there.'],
  screens_what: ['给谁用', 'For what'],
  screens_wall: ['大屏', 'A wall screen'],
  screens_wall_text: ['只能看和消音，绑定在那台机器上，不到期。', 'May only look and silence, is bound to that machine, and does not end.'],
  screens_phone: ['手机', 'A phone'],
  screens_phone_text: ['以您的名义登录 12 小时；不带管理权限。', 'Signs in as you for 12 hours, without manager powers.'],
  screens_phone_none: ['您只有管理角色，手机登录不带管理权限，所以没有可带的角色。', 'You have manager roles alone, which a phone never gets: nothing is left to give it.'],
  screens_label: ['名称', 'Name'],
  screens_wall_hint: ['大屏的名称也是它的岗位，例如 hall-1。', 'The name of a screen is its post, too: for example hall-1.'],
  screens_scope: ['范围', 'Scope'],
  screens_make: ['生成二维码', 'Make the QR code'],
  screens_made_wall: ['在那块屏幕上打开这个链接，或输入代码：', 'Open this link on that screen, or type the code there:'],
  screens_made_phone: ['用手机扫描：', 'Scan with the phone:'],
  screens_code: ['代码', 'Code'],
  // journal
  journal_text: ['谁在什么时候、从哪里、做了什么。只能看，谁也不能改。', 'Who did what, when and from where. Nobody can change it.'],
  journal_who: ['谁', 'Who'],
  journal_who_hint: ['例如 user:wangfang', 'for example user:wangfang'],
  journal_kind: ['操作', 'Act'],
  journal_subject: ['对象', 'Subject'],
  journal_subject_hint: ['例如设备编号、user:wangfang', 'a device’s id, user:wangfang'],
  journal_at: ['时间', 'Time'],
  journal_change: ['从 → 到', 'From → to'],
  journal_empty: ['没有符合条件的记录', 'No such entries'],
  journal_end: ['没有更早的记录了', 'Nothing older'],
  journal_export: ['导出 CSV', 'Export as CSV'],
  journal_verify: ['核对完整性', 'Verify'],
  journal_verifying: ['正在核对…', 'Verifying…'],
  journal_intact: ['日志完整：共 {rows} 条（第 {first} 至 {last} 号），{checkpoints} 个签名检查点都对得上。', 'The journal is whole: {rows} entries (numbers {first} to {last}), and all {checkpoints} signed checkpoints agree.'],
  journal_intact_none: ['日志是空的。', 'The journal is empty.'],
  journal_broken: ['日志被动过：请保留现场，通知管理员。', 'The journal has been tampered with: leave everything as it is, and tell the administrator.'],
  journal_finding: ['网关说：{text}', 'As the gateway says it: {text}'],
  journal_more: ['还有 {count} 处', 'And {count} more'],
  journal_unchained: ['另有 {rows} 条早于哈希链，不在核对范围内。', 'Another {rows} entries are from before there was a chain and are not covered.'],
  journal_checked: ['已核对 {rows} / {of} 条', '{rows} of {of} entries verified'],
  journal_not_checked: ['没有核对成：{error}', 'It could not be verified: {error}'],
  journal_of_alarm: ['报警', 'Alarm'],
} as const;

const kWords = {
  role: {
    viewer: ['查看', 'viewer'], operator: ['操作员', 'operator'], duty: ['值班', 'duty'], installer: ['安装', 'installer'],
    manager: ['物业经理', 'manager'], admin: ['系统管理员', 'admin'],
  },
  role_does: {
    viewer: ['只能看', 'looks'], operator: ['处理报警、消音', 'handles alarms, silences'],
    duty: ['处理报警、消音、发出联动命令', 'handles alarms, silences, gives commands'],
    installer: ['接入、测试、屏蔽设备', 'maps, tests and disables devices'],
    manager: ['设备、规则、联动命令、看操作日志', 'devices, rules, commands, reads the journal'],
    admin: ['用户、令牌、设置、看操作日志', 'users, tokens, settings, reads the journal'],
  },
  session: { person: ['密码登录', 'by password'], phone: ['手机', 'phone'], wall: ['大屏', 'wall screen'] },
  who: { system: ['系统', 'the gateway'], local: ['网关主机上', 'on the gateway itself'] },
  act: {
    setup: ['首次启用', 'first start'], sign_in: ['登录', 'signed in'], sign_in_refused: ['登录被拒', 'sign-in refused'],
    sign_out: ['退出', 'signed out'], session_end: ['登录结束', 'session ended'], roles_wake: ['唤醒管理权限', 'powers woken'],
    pin_refused: ['PIN 或密码不对', 'wrong PIN or password'], password_change: ['改密码', 'password changed'],
    pin_change: ['改 PIN', 'PIN changed'], user_create: ['新建用户', 'user made'], user_change: ['修改用户', 'user changed'],
    user_drop: ['删除用户', 'user dropped'], token_create: ['新建令牌', 'token made'], token_drop: ['删除令牌', 'token dropped'],
    invite_create: ['生成邀请', 'invite made'], invite_use: ['使用邀请', 'invite used'],
  },
  finding: {
    changed_row: ['有记录被改过', 'An entry has been changed'], missing_rows: ['有记录被删掉', 'Entries are missing'],
    tail_cut: ['最后的记录被截掉', 'The end has been cut off'], rolled_back: ['日志被换成了旧的', 'An older journal has been put in its place'],
    replaced: ['整本日志被换掉', 'The whole journal has been replaced'], bad_signature: ['签名对不上', 'A signature does not fit'],
    checkpoints_damaged: ['检查点文件损坏', 'The file of checkpoints is damaged'],
    checkpoints_short: ['检查点文件被截短', 'The file of checkpoints has been cut short'],
  },
} as const;

type Texts = typeof kTexts;
export type OfficeKey = keyof Texts;
type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<K extends OfficeKey> = [Names<Texts[K][0]>] extends [never] ? [] : [values: Record<Names<Texts[K][0]>, string | number>];
export type OfficeWord = keyof typeof kWords;

export const kOfficeTexts: Readonly<Record<string, readonly [string, string]>> = kTexts; // for the test that compares the two
export const kOfficeWords: Readonly<Record<OfficeWord, Readonly<Record<string, readonly [string, string]>>>> = kWords;

const kAt = { zh: 0, en: 1 } as const;

export function o<K extends OfficeKey>(key: K, ...values: Values<K>): string {
  return fill(kTexts[key][kAt[language.value]], values[0]);
}

export function officeWord(kind: OfficeWord, value: string): string {
  const words = kOfficeWords[kind];
  return Object.hasOwn(words, value) ? words[value]![kAt[language.value]] : value;
}
