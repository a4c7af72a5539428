// Types for the part of binary-parser that method-codec.ts uses: the package's own declarations are out of reach of its
// `exports` under TypeScript's node resolution.

declare module 'binary-parser' {
  type Bits = 'bit1' | 'bit2' | 'bit3' | 'bit4' | 'bit5' | 'bit6' | 'bit7'
  type Fixed = 'uint8' | 'uint16' | 'uint32' | 'uint64' | 'saveOffset'

  /** A program that reads fields in the order in which they are added, integers big-endian, highest bits first. */
  export type Parser = { readonly [Kind in Bits | Fixed]: (field: string) => Parser } & {
    buffer(field: string, options: { readonly length: string }): Parser
    parse(bytes: Uint8Array): object
  }
  export const Parser: new () => Parser
}
