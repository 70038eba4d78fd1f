import type { Parameter, SqlType } from '../engine-contract.ts';
import type { TypeReference } from '../sql/ast.ts';
import { parseParameterDeclarations } from '../sql/parse-batch.ts';
import { resolveType } from './environment.ts';
import { errors, SqlError } from './errors.ts';
import type { SessionState } from './session-state.ts';
import { convertValue } from './values/convert.ts';

export type DeclaredParameter = { name: string; type: SqlType; isOutput: boolean };

/** `@a int, @b nvarchar(10) OUTPUT` as parameters. https://learn.microsoft.com/en-us/sql/relational-databases/system-stored-procedures/sp-executesql-transact-sql */
export function declaredParameters(session: SessionState, definition: string): DeclaredParameter[] {
  return parseParameterDeclarations(definition).map(({ name, type, value, isOutput, isReadOnly }) => {
    if (value !== null) throw errors.unsupported('defaults of parameters');
    if (isReadOnly) throw errors.unsupported('table-valued parameters');
    return { name, type: typeOfParameter(session, type), isOutput };
  });
}

const typeOfParameter = (session: SessionState, reference: TypeReference): SqlType => {
  const { type } = resolveType(session.database, reference);
  return 'length' in type || type.name === 'text' || type.name === 'ntext'
    ? { collation: session.database.collation, ...type }
    : type;
};

/** Values for declared parameters, by name or by place, as their declared types. */
export function bindParameters(declared: readonly DeclaredParameter[], values: readonly Parameter[]): Parameter[] {
  for (const value of values) {
    if (value.name !== '' && !declared.some((one) => one.name.toLowerCase() === value.name.toLowerCase())) {
      throw new SqlError(8145, `${value.name} is not a parameter for procedure sp_executesql.`, { state: 2 });
    }
  }
  return declared.map((one, i) => {
    const value =
      values.find((candidate) => candidate.name.toLowerCase() === one.name.toLowerCase()) ??
      (values[i]?.name === '' ? values[i] : undefined);
    if (value === undefined) {
      throw new SqlError(8178, `The parameterized query expects the parameter '${one.name}', which was not supplied.`);
    }
    return {
      name: one.name,
      type: one.type,
      value: convertValue(value.value, value.type, one.type),
      isOutput: value.isOutput && one.isOutput,
    };
  });
}
