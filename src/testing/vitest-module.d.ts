// What of Vitest is used. It is not a dependency: whoever imports leveret/vitest has it.

declare module 'vitest' {
  interface Context {
    readonly task: {
      readonly name: string
      readonly timeout?: number
      readonly result?: { readonly state?: string }
    }
    onTestFinished(hook: () => Promise<void>): void
  }
  export const expect: { extend(matchers: object): void }
  export function beforeAll(hook: () => Promise<void>): void
  export function afterAll(hook: () => Promise<void>): void
  export function beforeEach(hook: (context: Context) => Promise<void>): void
}
