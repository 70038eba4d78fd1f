import { columnChoiceSchema, type ColumnChoice, type TableSelection } from '#shared/model/project';

export type ColumnHandling = ColumnChoice['handling'];

/** What is decided for a column; the defaults where nothing is. */
export function choiceOf({ columns }: Pick<TableSelection, 'columns'>, sourceName: string): ColumnChoice {
  return columns.find((choice) => choice.sourceName === sourceName) ?? columnChoiceSchema.parse({ sourceName });
}

/** The choices with a change for one column; a choice that says nothing any more is dropped. Empty texts take a name or type back. */
export function withChoice(
  selection: Pick<TableSelection, 'columns'>,
  sourceName: string,
  change: Partial<Omit<ColumnChoice, 'sourceName'>>,
): ColumnChoice[] {
  const merged = { ...choiceOf(selection, sourceName), ...change };
  const changed = {
    ...merged,
    targetName: merged.targetName?.trim() || null,
    targetType: merged.targetType?.trim() || null,
  };
  const others = selection.columns.filter((choice) => choice.sourceName !== sourceName);
  return isDefault(changed) ? others : [...others, changed];
}

/** What is decided otherwise than inferred, for people: `id: AS KEY, note: left out`. Empty when nothing is. */
export function choicesSentence({ columns }: Pick<TableSelection, 'columns'>): string {
  return columns
    .filter((choice) => !isDefault(choice))
    .map(({ sourceName, targetName, targetType, handling }) => {
      const parts = [
        targetName === null ? '' : `named ${targetName}`,
        targetType === null ? '' : `as ${targetType}`,
        handling === 'leave-out' ? 'left out' : handling === 'null-out-of-range' ? 'NULL where out of range' : '',
      ];
      return `${sourceName} (${parts.filter(Boolean).join(', ')})`;
    })
    .join(', ');
}

/** Why a text is no type of a Snowflake column; undefined for one that can be. Snowflake itself has the last word. */
export function typeProblem(text: string): string | undefined {
  if (text.trim() === '' || TYPE.test(text.trim())) return undefined;
  return 'Write a type as in Snowflake: NUMBER(38,2), VARCHAR(100), TIMESTAMP_NTZ(9).';
}

const TYPE = /^[A-Z][A-Z0-9_]*( PRECISION| VARYING)?(\s*\(\s*[A-Z0-9]+(\s*,\s*\d+)?\s*\))?$/i;

function isDefault({ targetName, targetType, handling }: ColumnChoice): boolean {
  return targetName === null && targetType === null && handling === 'carry';
}
