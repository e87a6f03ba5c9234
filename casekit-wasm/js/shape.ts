/**
 * What conversion needs to know of a type: `0` where values stay as they are, `"time"`, the name of another
 * shape, or what it is made of.
 */
export type Shape =
  | 0
  | string
  | { readonly fields: Readonly<Record<string, Shape>> }
  | { readonly list: Shape }
  | { readonly map: Shape };
