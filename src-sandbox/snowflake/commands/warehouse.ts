import type { Warehouse } from '../catalog/catalog-types.ts';
import { ACCOUNT_OBJECT, hasPrivilege } from '../catalog/privileges.ts';
import { errors, SnowflakeError } from '../errors.ts';
import type { TokenReader } from '../sql/token-reader.ts';
import { coreHandler } from './core.ts';
import { EXECUTED, statusResult } from './results.ts';

const SIZES: Record<string, string> = {
  XSMALL: 'X-Small',
  'X-SMALL': 'X-Small',
  SMALL: 'Small',
  MEDIUM: 'Medium',
  LARGE: 'Large',
  XLARGE: 'X-Large',
  'X-LARGE': 'X-Large',
  XXLARGE: '2X-Large',
  X2LARGE: '2X-Large',
  '2X-LARGE': '2X-Large',
  XXXLARGE: '3X-Large',
  X3LARGE: '3X-Large',
  '3X-LARGE': '3X-Large',
  X4LARGE: '4X-Large',
  '4X-LARGE': '4X-Large',
};

export function makeWarehouse(given: { id: number; name: string; owner: string; now: Date }): Warehouse {
  return {
    id: given.id,
    domain: 'WAREHOUSE',
    name: given.name,
    owner: given.owner,
    comment: '',
    createdOn: given.now,
    size: 'X-Small',
    state: 'STARTED',
    autoSuspendSeconds: 600,
    autoResume: true,
    resumedOn: given.now,
  };
}

function setOptions(reader: TokenReader, warehouse: Warehouse): void {
  reader.acceptWords('WITH');
  while (!reader.atEnd()) {
    const option = reader.next().value;
    reader.acceptOperator('=');
    const value = reader.optionValue();
    if (option === 'WAREHOUSE_SIZE') {
      const size = SIZES[value.toUpperCase()];
      if (!size)
        throw new SnowflakeError(
          '001423',
          '22023',
          `SQL compilation error:\ninvalid value '${value}' for property 'WAREHOUSE_SIZE'`,
        );
      warehouse.size = size;
    } else if (option === 'AUTO_SUSPEND') warehouse.autoSuspendSeconds = value === 'NULL' ? 0 : Number(value);
    else if (option === 'AUTO_RESUME') warehouse.autoResume = value.toUpperCase() === 'TRUE';
    else if (option === 'INITIALLY_SUSPENDED')
      warehouse.state = value.toUpperCase() === 'TRUE' ? 'SUSPENDED' : 'STARTED';
    else if (option === 'COMMENT') warehouse.comment = value;
    else if (
      !/^(MIN_CLUSTER_COUNT|MAX_CLUSTER_COUNT|SCALING_POLICY|WAREHOUSE_TYPE|MAX_CONCURRENCY_LEVEL|STATEMENT_TIMEOUT_IN_SECONDS|STATEMENT_QUEUED_TIMEOUT_IN_SECONDS|ENABLE_QUERY_ACCELERATION|RESOURCE_MONITOR)$/.test(
        option,
      )
    ) {
      throw reader.unexpected();
    }
    reader.acceptOperator(',');
  }
  reader.expectEnd();
}

const createHandler = coreHandler(
  'CREATE WAREHOUSE',
  (reader) => reader.isWords('CREATE', 'WAREHOUSE') || reader.isWords('CREATE', 'OR', 'REPLACE', 'WAREHOUSE'),
  async (context, reader) => {
    const { session, catalog } = context;
    reader.expectWords('CREATE');
    const replace = reader.acceptWords('OR', 'REPLACE');
    reader.expectWords('WAREHOUSE');
    const ifNotExists = reader.acceptWords('IF', 'NOT', 'EXISTS');
    const { name } = reader.identifier();
    if (!hasPrivilege(catalog, session.role, 'CREATE WAREHOUSE', ACCOUNT_OBJECT))
      throw errors.insufficientPrivileges('account', context.services.account.toUpperCase());
    const existing = catalog.findAccountObject('WAREHOUSE', name);
    if (existing && ifNotExists) return Promise.resolve(statusResult(`${name} already exists, statement succeeded.`));
    if (existing && !replace) throw errors.alreadyExists(name);
    const warehouse = makeWarehouse({ id: catalog.nextId(), name, owner: session.role, now: context.services.now() });
    setOptions(reader, warehouse);
    await context.commitBeforeDdl();
    catalog.addAccountObject(warehouse);
    session.warehouse = name;
    return statusResult(`Warehouse ${name} successfully created.`);
  },
);

const alterHandler = coreHandler(
  'ALTER WAREHOUSE',
  (reader) => reader.isWords('ALTER', 'WAREHOUSE'),
  async (context, reader) => {
    reader.expectWords('ALTER', 'WAREHOUSE');
    reader.acceptWords('IF', 'EXISTS');
    const name =
      reader.isWords('SUSPEND') || reader.isWords('RESUME') || reader.isWords('SET')
        ? (context.session.warehouse ?? '')
        : reader.identifier().name;
    const warehouse = context.requireAccountObject<Warehouse>('WAREHOUSE', name);
    await context.commitBeforeDdl();
    if (reader.acceptWords('RESUME')) {
      context.requirePrivilege('OPERATE', warehouse);
      const ifSuspended = reader.acceptWords('IF', 'SUSPENDED');
      if (warehouse.state === 'STARTED' && !ifSuspended)
        throw new SnowflakeError(
          '090063',
          '22000',
          `Invalid state. Warehouse '${name}' cannot be resumed because it is not suspended.`,
        );
      warehouse.state = 'STARTED';
      warehouse.resumedOn = context.services.now();
    } else if (reader.acceptWords('SUSPEND')) {
      context.requirePrivilege('OPERATE', warehouse);
      if (warehouse.state === 'SUSPENDED')
        throw new SnowflakeError('090064', '22000', `Invalid state. Warehouse '${name}' cannot be suspended.`);
      warehouse.state = 'SUSPENDED';
    } else {
      reader.expectWords('SET');
      context.requirePrivilege('MODIFY', warehouse);
      setOptions(reader, warehouse);
    }
    reader.expectEnd();
    return statusResult(EXECUTED);
  },
);

/** https://docs.snowflake.com/en/sql-reference/sql/create-warehouse */
export const warehouseHandlers = [createHandler, alterHandler];
