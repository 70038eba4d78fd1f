import { columnChoiceSchema, type ColumnChoice, type TableSelection } from '#shared/model/project';

export type ColumnHandling = ColumnChoice['handling'];

export function handlingOf({ columns }: Pick<TableSelection, 'columns'>, sourceName: string): ColumnHandling {
  return columns.find((choice) => choice.sourceName === sourceName)?.handling ?? 'carry';
}

/** The choices with another handling for one column; a choice that says nothing any more is dropped. */
export function withHandling(
  { columns }: Pick<TableSelection, 'columns'>,
  sourceName: string,
  handling: ColumnHandling,
): ColumnChoice[] {
  const known = columns.find((choice) => choice.sourceName === sourceName);
  const changed = { ...(known ?? columnChoiceSchema.parse({ sourceName })), handling };
  const others = columns.filter((choice) => choice.sourceName !== sourceName);
  const isEmpty = handling === 'carry' && changed.targetName === null && changed.targetType === null;
  return isEmpty ? others : [...others, changed];
}
