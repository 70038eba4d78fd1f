export const catalogViews = `SELECT 1`;
