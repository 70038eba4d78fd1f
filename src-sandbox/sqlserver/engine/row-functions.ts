import { randomUUID } from 'node:crypto';
import { BLOB, DOUBLE, DuckDBBlobValue, DuckDBScalarFunction, INTEGER, type DuckDBConnection } from '@duckdb/node-api';
import { guidToStored } from './values/guid.ts';

/** Functions that give another value at every row. The argument is any value of the row's count: DuckDB would evaluate them once without one. */
export function registerRowFunctions(connection: DuckDBConnection): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'ts_newid',
      returnType: BLOB,
      parameterTypes: [INTEGER],
      volatile: true,
      mainFunction: (_info, input, output) => {
        for (let row = 0; row < input.rowCount; row += 1) {
          output.setItem(row, new DuckDBBlobValue(guidToStored(randomUUID())));
        }
        output.flush();
      },
    }),
  );
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: 'ts_random',
      returnType: DOUBLE,
      parameterTypes: [INTEGER],
      volatile: true,
      mainFunction: (_info, input, output) => {
        for (let row = 0; row < input.rowCount; row += 1) output.setItem(row, Math.random());
        output.flush();
      },
    }),
  );
}
