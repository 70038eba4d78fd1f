import type { FunctionTable } from './function-table.ts';

export const GENERAL_FUNCTIONS: FunctionTable = new Map();
