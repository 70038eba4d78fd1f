import { expect, test } from 'vitest';
import { parseConditionText, parseExpressionText } from './parse-batch.ts';
import { printDefinition } from './print-definition.ts';

const on = { quotedIdentifier: true };

test.each([
  ['0', '((0))'],
  ['(0)', '((0))'],
  ['-1', '((-1))'],
  ["N'it''s'", "(N'it''s')"],
  ['getdate()', '(getdate())'],
  ['CURRENT_TIMESTAMP', '(getdate())'],
  ['NULL', '(NULL)'],
  ['0xABC', '(0x0ABC)'],
  ['a + b * 2', '([a]+[b]*(2))'],
  ['(a + b) * 2', '(([a]+[b])*(2))'],
  ['a - (b - c)', '([a]-([b]-[c]))'],
  ['-a * b', '(-[a]*[b])'],
  ['(-a) * b', '((-[a])*[b])'],
  ['~a & b', '(~[a]&[b])'],
  ['Price * Qty', '([Price]*[Qty])'],
  // Of the vendor's sample database: https://github.com/microsoft/sql-server-samples, adventure-works
  ['ISNULL(SubTotal + TaxAmt + Freight, 0)', '(isnull(([SubTotal]+[TaxAmt])+[Freight],(0)))'],
  [
    'ISNULL(UnitPrice * (1.0 - UnitPriceDiscount) * OrderQty, 0.0)',
    '(isnull(([UnitPrice]*((1.0)-[UnitPriceDiscount]))*[OrderQty],(0.0)))',
  ],
  [
    "ISNULL(N'SO' + CONVERT(nvarchar(23), SalesOrderID), N'*** ERROR ***')",
    "(isnull(N'SO'+CONVERT([nvarchar](23),[SalesOrderID]),N'*** ERROR ***'))",
  ],
  ['CAST(a AS varchar(10))', '(CONVERT([varchar](10),[a]))'],
  ['CONVERT(decimal(9, 2), a, 1)', '(CONVERT([decimal](9,2),[a],(1)))'],
  ['CAST(a AS nvarchar(max))', '(CONVERT([nvarchar](max),[a]))'],
  ['ISNULL([we]]ird], 0)', '(isnull([we]]ird],(0)))'],
  ['dbo.F(a)', '([dbo].[F]([a]))'],
  ['DATEPART(year, a)', '(datepart(year,[a]))'],
  ["CASE WHEN a > 1 THEN 'x' ELSE 'y' END", "(case when [a]>(1) then 'x' else 'y' end)"],
  ["CASE a WHEN 1 THEN 'x' END", "(case [a] when (1) then 'x' end)"],
  ['IIF(a = 1, 2, 3)', '(case when [a]=(1) then (2) else (3) end)'],
  ['NEXT VALUE FOR dbo.S', '(NEXT VALUE FOR [dbo].[S])'],
])('the expression %s is kept as %s, which is kept as it is', (text, kept) => {
  expect(printDefinition({ expression: parseExpressionText(text, on) })).toBe(kept);
  expect(printDefinition({ expression: parseExpressionText(kept, on) })).toBe(kept);
});

test.each([
  ['a > 0', '([a]>(0))'],
  [
    "UPPER(Class) IN ('L', 'M', 'H') OR Class IS NULL",
    "(upper([Class])='H' OR upper([Class])='M' OR upper([Class])='L' OR [Class] IS NULL)",
  ],
  [
    "BirthDate BETWEEN '1930-01-01' AND DATEADD(YEAR, -18, GETDATE())",
    "([BirthDate]>='1930-01-01' AND [BirthDate]<=dateadd(year,(-18),getdate()))",
  ],
  ['a != 0 AND (b < 5 OR c IS NULL)', '([a]<>(0) AND ([b]<(5) OR [c] IS NULL))'],
  ['a BETWEEN 1 AND 2', '([a]>=(1) AND [a]<=(2))'],
  ['NOT a BETWEEN 1 AND 2', '(NOT ([a]>=(1) AND [a]<=(2)))'],
  ["a IN ('x', 'y')", "([a]='y' OR [a]='x')"],
  ["a NOT IN ('x', 'y')", "([a]<>'y' AND [a]<>'x')"],
  ["b = 1 AND a IN ('x', 'y')", "([b]=(1) AND ([a]='y' OR [a]='x'))"],
  ["a LIKE '5!%' ESCAPE '!'", "([a] like '5!%' escape '!')"],
])('the condition %s is kept as %s, which is kept as it is', (text, kept) => {
  expect(printDefinition({ condition: parseConditionText(text, on) })).toBe(kept);
  expect(printDefinition({ condition: parseConditionText(kept, on) })).toBe(kept);
});
