/** A table of cells for the commands that take one: one cell of a single record. */
export const CELLS = `district,kind,freq
north,phone,1
north,tablet,23
south,phone,17
south,tablet,31
Total,phone,18
Total,tablet,54
north,Total,24
south,Total,48
Total,Total,72
`;
