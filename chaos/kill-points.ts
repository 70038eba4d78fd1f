import type { FaultRule } from './environment.ts';
import type { SourceKind, Strategy } from './scenario.ts';

/** A moment at which the product is killed: a stand-in holds its answer back there, so that the moment cannot be missed. */
export interface KillPoint {
  name: string;
  rule: Omit<FaultRule, 'at' | 'times'>;
}

const STALL_AFTER = { kind: 'stall', when: 'after' };
const STALL_BEFORE = { kind: 'stall', when: 'before' };

const statement = (name: string, sql: string, fault: FaultRule['fault']): KillPoint => ({
  name,
  rule: { target: 'snowflake', where: { sql }, fault },
});

const EVERYWHERE: KillPoint[] = [
  statement('after COMMIT, before the journal knows', 'COMMIT*', STALL_AFTER),
  statement('before COMMIT', 'COMMIT*', STALL_BEFORE),
  statement('after COPY, inside the transaction', 'COPY INTO*', STALL_AFTER),
  statement('at the ledger, inside the transaction', 'UPDATE*', STALL_AFTER),
  statement('while partitions are registered', 'INSERT INTO*', STALL_AFTER),
  statement('while a target is made', 'CREATE TABLE*', STALL_AFTER),
];
const THROUGH_S3: KillPoint[] = [
  {
    name: 'during UNLOAD',
    rule: { target: 'redshift', where: { isUnload: true }, fault: { kind: 'delay', delayMs: 150 } },
  },
  {
    name: 'while the manifest is read',
    rule: { target: 's3', where: { operation: 'GetObject', key: '*manifest' }, fault: STALL_BEFORE },
  },
  {
    name: 'during clean-up, files deleted',
    rule: { target: 's3', where: { operation: 'DeleteObjects' }, fault: STALL_AFTER },
  },
  {
    name: 'during clean-up, files there',
    rule: { target: 's3', where: { operation: 'DeleteObjects' }, fault: STALL_BEFORE },
  },
];
const THROUGH_THIS_MACHINE: KillPoint[] = [
  { name: 'during PUT, file not there', rule: { target: 'snowflake', where: { method: 'PUT' }, fault: STALL_BEFORE } },
  { name: 'after PUT, answer lost', rule: { target: 'snowflake', where: { method: 'PUT' }, fault: STALL_AFTER } },
  statement('during LIST', 'LIST*', STALL_AFTER),
  statement('during clean-up, files deleted', 'REMOVE*', STALL_AFTER),
  statement('during clean-up, files there', 'REMOVE*', STALL_BEFORE),
];

export function killPoints({ source, strategy }: { source: SourceKind; strategy: Strategy }): KillPoint[] {
  const reading: KillPoint = {
    name: 'while a partition is read',
    rule: {
      target: source,
      where: { sql: '*select*c1*' },
      fault: source === 'sqlserver' ? { kind: 'stall', forMs: 100 } : { kind: 'delay', delayMs: 100 },
    },
  };
  return [...EVERYWHERE, ...(strategy === 'unload' ? THROUGH_S3 : [...THROUGH_THIS_MACHINE, reading])];
}
