export const catalogSpatial = `SELECT 1`;
