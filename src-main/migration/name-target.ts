import type { TableSelection, TargetRule } from '#shared/model/project';
import type { TableRef } from '#shared/model/table';

/** The target of a selected table: what the user chose, else its own name by the project's rule. */
export function nameTarget(selection: Pick<TableSelection, 'source' | 'target'>, rule: TargetRule): TableRef {
  if (selection.target) return selection.target;
  const { source } = selection;
  return {
    database: rule.database || applyCase(source.database, rule),
    schema: rule.schema || applyCase(source.schema, rule),
    name: applyCase(source.name, rule),
  };
}

/** Upper case as Snowflake folds unquoted names: letters of any script, so that `straße` and `STRASSE` do not meet by accident. */
export function applyCase(name: string, rule: Pick<TargetRule, 'nameCase'>): string {
  if (rule.nameCase === 'preserve') return name;
  return name.replace(/\p{Ll}/gu, (letter) => {
    const upper = letter.toUpperCase();
    return upper.length === letter.length ? upper : letter;
  });
}
