/**
 * What T-SQL refuses while it reads a batch: the vendor's number and text, and the line within the batch.
 * https://learn.microsoft.com/en-us/sql/relational-databases/errors-events/database-engine-events-and-errors
 */
export class TsqlSyntaxError extends Error {
  readonly number: number;
  readonly state: number;
  /** Severity. */
  readonly class: number;
  readonly line: number;

  constructor(error: { number: number; message: string; line: number; class?: number; state?: number }) {
    super(error.message);
    this.name = 'TsqlSyntaxError';
    this.number = error.number;
    this.line = error.line;
    this.class = error.class ?? 15;
    this.state = error.state ?? 1;
  }
}

type Message = (line: number, ...values: (string | number)[]) => TsqlSyntaxError;

const message =
  (number: number, text: string, rest: { class?: number; state?: number } = {}): Message =>
  (line, ...values) => {
    let at = 0;
    return new TsqlSyntaxError({ number, line, message: text.replace(/%s/g, () => String(values[at++])), ...rest });
  };

/** Each takes the line and what stands for the text's places, in order. */
export const syntaxErrors = {
  tooLong: message(103, "The identifier that starts with '%s' is too long. Maximum length is 128.", { state: 4 }),
  near: message(102, "Incorrect syntax near '%s'."),
  unclosedQuote: message(105, "Unclosed quotation mark after the character string '%s'."),
  moreColumnsThanValues: message(
    109,
    'There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
  ),
  fewerColumnsThanValues: message(
    110,
    'There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
  ),
  mustBeFirst: message(111, "'%s' must be the first statement in a query batch."),
  unclosedComment: message(113, "Missing end comment mark '*/'."),
  tooManyPrefixes: message(
    117,
    "The %s name '%s' contains more than the maximum number of prefixes. The maximum is %s.",
  ),
  namedParametersOnly: message(
    119,
    "Must pass parameter number %s and subsequent parameters as '@name = value'. After the form '@name = value' has been used, all subsequent parameters must be passed in the form '@name = value'.",
  ),
  sizeOfAnyType: message(131, "The size (%s) given to the %s '%s' exceeds the maximum allowed for any data type (%s)."),
  breakOutside: message(135, 'Cannot use a BREAK statement outside the scope of a WHILE statement.'),
  continueOutside: message(136, 'Cannot use a CONTINUE statement outside the scope of a WHILE statement.'),
  assignsAndRetrieves: message(
    141,
    'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
  ),
  notRecognizedOption: message(155, "'%s' is not a recognized %s option."),
  nearKeyword: message(156, "Incorrect syntax near the keyword '%s'."),
  floatRange: message(168, "The floating point value '%s' is out of the range of computer representation (8 bytes)."),
  returnValue: message(178, 'A RETURN statement with a return value cannot be used in this context.'),
  tooDeep: message(
    191,
    'Some part of your SQL statement is nested too deeply. Rewrite the query or break it up into smaller queries.',
  ),
  scaleAbovePrecision: message(192, 'The scale must be less than or equal to the precision.'),
  notSetOption: message(195, "'%s' is not a recognized SET option.", { state: 5 }),
  castType: message(243, 'Type %s is not a defined system type.', { class: 16 }),
  castAttributes: message(291, "CAST or CONVERT: invalid attributes specified for type '%s'", { class: 16 }),
  withNeedsSemicolon: message(
    319,
    "Incorrect syntax near the keyword 'with'. If this statement is a common table expression, an xmlnamespaces clause or a change tracking context clause, the previous statement must be terminated with a semicolon.",
  ),
  notTableHint: message(
    321,
    '"%s" is not a recognized table hints option. If it is intended as a parameter to a table-valued function or to the CHANGETABLE function, ensure that your database compatibility mode is set to 90.',
  ),
  invalidLength: message(1001, 'Line %s: Length or precision specification %s is invalid.'),
  invalidScale: message(1002, 'Line %s: Specified scale %s is invalid.'),
  numberRange: message(1007, "The number '%s' is out of the range for numeric representation (maximum precision 38)."),
  invalidParameter: message(1023, 'Invalid parameter %s specified for %s.'),
  orderByNested: message(
    1033,
    'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.',
  ),
  emptyName: message(
    1038,
    'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.',
    { state: 4 },
  ),
  columnWidth: message(2716, 'Column, parameter, or variable #%s: Cannot specify a column width on data type %s.', {
    class: 16,
  }),
  sizeOfType: message(2717, "The size (%s) given to the %s '%s' exceeds the maximum allowed (%s).", {
    class: 16,
    state: 2,
  }),
  notCondition: message(
    4145,
    "An expression of non-boolean type specified in a context where a condition is expected, near '%s'.",
  ),
  rowWidths: message(10709, 'The number of columns for each row in a table value constructor must be the same.'),
  mergeNeedsSemicolon: message(10713, 'A MERGE statement must be terminated by a semi-colon (;).'),
  tooManyRows: message(
    10738,
    'The number of row value expressions in the INSERT statement exceeds the maximum allowed number of 1000 row values.',
  ),
} as const;
