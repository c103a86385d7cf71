/** `true` if the two types are the same one, else `false`. */
export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2
    ? true
    : false;

/**
 * Asserts in a program that is only compiled. Called as
 * `check<Same<typeof value, string>>()`.
 */
export declare function check<T extends true>(): void;
