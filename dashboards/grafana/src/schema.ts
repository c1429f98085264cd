// The JSON schema of a dashboard, made from the type of the foundation SDK. Two things are loosened: a query is that of
// Prometheus, which the SDK's type leaves open, and the options of a panel, which it does not know.
import { createGenerator } from 'ts-json-schema-generator';

export function dashboardSchema(): object {
  const types = new URL('../node_modules/@grafana/grafana-foundation-sdk/dist/dashboard/types.gen.d.ts', import.meta.url);
  const generator = createGenerator({
    path: types.pathname,
    tsconfig: new URL('../tsconfig.json', import.meta.url).pathname,
    type: 'Dashboard',
    skipTypeCheck: true,
    additionalProperties: false,
  });
  const schema = generator.createSchema('Dashboard') as { definitions: Record<string, Record<string, unknown>> };
  for (const [name, definition] of Object.entries(schema.definitions)) {
    if (/Dataquery$/i.test(name)) {
      schema.definitions[name] = {
        type: 'object',
        required: ['refId', 'expr', 'datasource', 'legendFormat'],
        additionalProperties: false,
        properties: {
          refId: { type: 'string' }, expr: { type: 'string', minLength: 1 }, datasource: { type: 'object' },
          legendFormat: { type: 'string' }, instant: { type: 'boolean' }, range: { type: 'boolean' },
        },
      };
      continue;
    }
    delete definition['$comment'];
  }
  return schema;
}
