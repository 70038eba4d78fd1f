import type { FunctionTable } from './function-table.ts';

export const NUMBER_FUNCTIONS: FunctionTable = new Map();
