import { redFrom, worseFrom } from '../board.ts';
import type { Board } from '../board.ts';
import { inRange, perSecond, quantile } from '../select.ts';
import { text } from '../text.ts';

export const internals: Board = {
  uid: 'firegate-internals',
  title: text('网关内部', 'Gateway internals'),
  about: text('网关自己是否跟得上：从收到、落盘、判断到记录。', 'Whether the gateway itself keeps up: from receipt to disk, to decision, to record.'),
  places: false,
  rows: [
    {
      title: text('快慢', 'How fast'),
      figures: [
        {
          kind: 'lines', unit: 'cps', title: text('每秒消息', 'Messages a second'), about: text('收到的消息和记录的行。', 'Messages received and rows recorded.'),
          queries: [
            { expr: perSecond('firegate_messages_received_total'), legend: text('收到', 'received') },
            { expr: perSecond('firegate_readings_total'), legend: text('读数', 'readings') },
            { expr: perSecond('firegate_rows_written_total'), legend: text('记录的行', 'rows recorded') },
          ],
        },
        {
          kind: 'lines', unit: 's', limits: worseFrom(1, 10), title: text('从收到到判断', 'From arrival to decision'),
          about: text('消息到达后多久作出判断。火警须在 10 秒内（GB 4717）。', 'How long after arrival a message is decided. A fire must be within 10 s (GB 4717).'),
          queries: [
            { expr: quantile(0.5, 'firegate_decision_delay_seconds'), legend: '50 %' },
            { expr: quantile(0.99, 'firegate_decision_delay_seconds'), legend: '99 %' },
            { expr: 'firegate_decision_lag_seconds', legend: text('最近一条', 'the last one') },
          ],
        },
        {
          kind: 'lines', unit: 's', title: text('收件箱落盘', 'Inbox sync'), about: text('收件箱每次成组落盘的用时（99 %）。变长说明磁盘慢。', 'What a group sync of the inbox takes (99 %). When it grows, the disk is slow.'),
          queries: [{ expr: quantile(0.99, 'firegate_inbox_sync_duration_seconds'), legend: '99 %' }],
        },
        {
          kind: 'lines', unit: 's', limits: redFrom(1), title: text('数据库提交', 'Commits'), about: text('一次提交的用时。超过 1 秒时先通知后补记。', 'What a commit takes. Above 1 s alarms are announced before they are recorded.'),
          queries: [
            { expr: quantile(0.5, 'firegate_commit_duration_seconds'), legend: '50 %' },
            { expr: quantile(0.99, 'firegate_commit_duration_seconds'), legend: '99 %' },
          ],
        },
      ],
    },
    {
      title: text('队列', 'Queues'),
      figures: [
        {
          kind: 'lines', unit: 'short', title: text('等待', 'Waiting'), about: text('各处等待的数量。收件箱是总队列，其余有上限。', 'What waits where. The inbox is the queue; all others are bounded.'),
          queries: [
            { expr: 'firegate_inbox_waiting_messages', legend: text('收件箱', 'inbox') },
            { expr: 'firegate_lane_waiting_messages', legend: text('解码', 'lanes') },
            { expr: 'firegate_mailbox_waiting_messages', legend: text('分区', 'partitions') },
            { expr: 'firegate_writer_waiting_rows', legend: text('存储', 'store') },
            { expr: 'firegate_deliveries_waiting', legend: text('通知', 'notices') },
          ],
        },
        {
          kind: 'lines', unit: 'short', title: text('收件箱位置差', 'Inbox behind'), about: text('已收到但断电会丢的，和已收到但未处理完的消息数。', 'Messages received that a power cut would lose, and messages received that are not finished.'),
          queries: [
            { expr: 'clamp_min(firegate_inbox_received_position - firegate_inbox_synced_position, 0)', legend: text('未落盘', 'not on disk') },
            { expr: 'clamp_min(firegate_inbox_received_position - firegate_inbox_finished_position, 0)', legend: text('未处理完', 'not finished') },
          ],
        },
        {
          kind: 'bars', unit: 'short', limits: redFrom(1), title: text('丢弃与拒收', 'Dropped and refused'),
          about: text('所选时间内没有进来或没有记下的。除断开的慢报警台外应为 0。', 'What did not come in or was not recorded in the time shown. Expect 0 but for slow consoles.'),
          queries: [
            { expr: inRange('firegate_inbox_refused_messages_total'), legend: text('收件箱拒收', 'inbox refused') },
            { expr: inRange('firegate_rows_dropped_total'), legend: text('未记录的行', 'rows dropped') },
            { expr: inRange('firegate_flood_merged_messages_total'), legend: text('泛滥合并', 'flood merged') },
            { expr: inRange('firegate_live_clients_cut_total'), legend: text('断开的慢报警台', 'slow consoles cut') },
            { expr: inRange('firegate_commit_failures_total'), legend: text('提交失败', 'commits failed') },
          ],
        },
        {
          kind: 'bars', unit: 's', words: 'loop', limits: worseFrom(5, 20), title: text('循环静默', 'Silence of the loops'),
          about: text('各循环多久没有转一圈。超过 20 秒（等磁盘的 120 秒）看门狗会重启网关。', 'Since each loop came round. Above 20 s (120 s where it waits for the disk) the watchdog restarts the gateway.'),
          queries: [{ expr: 'max by (loop) (firegate_loop_silence_seconds)', legend: '{{loop}}' }],
        },
      ],
    },
    {
      title: text('机器', 'Machine'),
      figures: [
        {
          kind: 'number', unit: 's', title: text('已运行', 'Running for'), about: text('自上次启动以来。', 'Since the last start.'),
          queries: [{ expr: 'time() - firegate_process_start_time_seconds', legend: text('已运行', 'running') }],
        },
        {
          kind: 'number', unit: 'short', title: text('版本', 'Version'), about: text('正在运行的版本（见图例）和实例数。', 'The version that runs (see the legend), and how many gateways.'),
          queries: [{ expr: 'count by (version) (firegate_build_info)', legend: '{{version}}' }],
        },
        {
          kind: 'number', unit: 's', limits: worseFrom(0.5, 2), title: text('时钟偏差', 'Clock drift'), about: text('系统时钟与网关时钟之差。', 'The system’s clock against the gateway’s.'),
          queries: [{ expr: 'abs(firegate_clock_drift_seconds)', legend: text('偏差', 'drift') }],
        },
        {
          kind: 'number', unit: 'bytes', limits: [{ from: -Infinity, colour: 'red' }, { from: 500e6, colour: 'orange' }, { from: 5e9, colour: 'green' }],
          title: text('磁盘剩余', 'Disk free'), about: text('存放记录的磁盘的剩余空间。', 'Free space where the record is.'),
          queries: [{ expr: 'firegate_disk_free_bytes', legend: text('剩余', 'free') }],
        },
        {
          kind: 'number', unit: 'bytes', title: text('数据库', 'Store size'), about: text('数据库文件的大小。', 'The size of the database.'),
          queries: [{ expr: 'firegate_store_bytes', legend: text('数据库', 'store') }],
        },
        {
          kind: 'number', unit: 'bytes', title: text('收件箱', 'Inbox size'), about: text('收件箱占用的磁盘空间。', 'What the inbox takes of the disk.'),
          queries: [{ expr: 'firegate_inbox_disk_bytes', legend: text('收件箱', 'inbox') }],
        },
        {
          kind: 'lines', unit: 'bytes', title: text('内存', 'Memory'), about: text('常驻内存。应平稳。', 'Resident memory. It should stay level.'),
          queries: [{ expr: 'firegate_process_resident_memory_bytes', legend: text('常驻', 'resident') }],
        },
        {
          kind: 'lines', unit: 'percentunit', title: text('处理器', 'Processor'), about: text('占用的处理器，1 为一个核。', 'The processor time it takes; 1 is one core.'),
          queries: [{ expr: perSecond('firegate_process_cpu_seconds_total'), legend: text('处理器', 'cpu') }],
        },
        {
          kind: 'lines', unit: 'short', title: text('文件描述符与线程', 'Descriptors and threads'), about: text('打开的文件描述符、其上限和线程数。', 'Open file descriptors, their limit, and threads.'),
          queries: [
            { expr: 'firegate_process_open_descriptors', legend: text('描述符', 'descriptors') },
            { expr: 'firegate_process_descriptors_limit', legend: text('上限', 'limit') },
            { expr: 'firegate_process_threads', legend: text('线程', 'threads') },
          ],
        },
        {
          kind: 'lines', unit: 'reqps', title: text('网页请求', 'Web requests'), about: text('每秒的网页请求，以及出错的。', 'Requests answered a second, and those answered with an error of ours.'),
          queries: [
            { expr: perSecond('firegate_http_requests_total'), legend: text('请求', 'requests') },
            { expr: perSecond('firegate_http_errors_total'), legend: text('出错', 'errors') },
          ],
        },
        {
          kind: 'bars', unit: 'short', words: 'watcher', title: text('谁在看', 'Who looks'), about: text('连着实时消息的人、大屏和程序。', 'People, walls and programs that are connected to the live feed.'),
          queries: [{ expr: 'sum by (kind) (firegate_live_clients_by_kind)', legend: '{{kind}}' }],
        },
      ],
    },
  ],
};
