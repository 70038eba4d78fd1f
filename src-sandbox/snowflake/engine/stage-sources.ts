import type { Query, TableSource } from '../sql/ast.ts';

export type StageSource = Extract<TableSource, { kind: 'stage' }>;

/** Every `FROM @stage` in a query, subqueries and expressions included. */
export function collectStages(query: Query): StageSource[] {
  const found: StageSource[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
    } else if (value !== null && typeof value === 'object') {
      const node = value as Record<string, unknown>;
      if (node['kind'] === 'stage' && typeof node['location'] === 'string') found.push(value as StageSource);
      for (const child of Object.values(node)) if (typeof child === 'object') visit(child);
    }
  };
  visit(query);
  return found;
}
