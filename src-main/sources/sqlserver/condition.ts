import { blockComment, lineComment, quotedName, quotedText, wrapCondition, type ConditionRules } from '../condition.ts';

/** T-SQL nests comments: https://learn.microsoft.com/en-us/sql/t-sql/language-elements/slash-star-comment-transact-sql */
const RULES: ConditionRules = {
  stretches: [
    quotedText,
    quotedName,
    // A doubled closing bracket stands for itself.
    { opens: '[', ends: /(?:[^\]]|\]\])*\](?!\])/gy, unended: 'has a bracket that does not end' },
    lineComment,
    blockComment,
  ],
};

/** See wrapCondition. */
export function requireCondition(condition: string): string {
  return wrapCondition(condition, RULES);
}
