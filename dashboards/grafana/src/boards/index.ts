import { alarms } from './alarms.ts';
import { charging } from './charging.ts';
import { devices } from './devices.ts';
import { faults } from './faults.ts';
import { internals } from './internals.ts';
import { kpi } from './kpi.ts';
import { lifts } from './lifts.ts';

export const boards = [alarms, devices, charging, lifts, faults, kpi, internals];
