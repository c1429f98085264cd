// A scripted gateway to develop the console against: npm run mock, then FIREGATE_URL=<printed> npm run dev in dashboards/console.
import { MockGateway } from './mock_gateway.ts';

const gateway = new MockGateway(Number(process.env['DEVICES'] ?? 60));
console.log(await gateway.start());
gateway.raise('fire_alarm', 1);
gateway.raise('fault', 7);
