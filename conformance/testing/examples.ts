/**
 * The examples in docs/testing/ and the README, as files: each fenced block says after its language how it is to be run, and a block
 * `text output` that follows it what it prints.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const root = join(__dirname, '..', '..')
const pages = join(root, 'docs', 'testing')

/** One block of a page. */
export interface Example {
  readonly page: string
  /** `node`, `node-test`, `jest`, `exec`, `pytest`, or `file:` and a name; others are not run. */
  readonly how: string
  readonly text: string
  /** What it prints, where the page says so. */
  readonly output: string | null
}

/** All blocks of all pages that say how they are to be run. */
export async function readExamples(): Promise<readonly Example[]> {
  const names = (await readdir(pages)).filter((name) => name.endsWith('.md')).sort()
  const paths = [join(root, 'README.md'), ...names.map((name) => join(pages, name))]
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
  return paths.flatMap((path, index) => examplesOf(basename(path), texts[index] ?? ''))
}

function examplesOf(page: string, text: string): Example[] {
  const examples: Example[] = []
  for (const [, info = '', block = ''] of text.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)) {
    const [, how] = info.split(' ')
    if (how === undefined) continue
    if (how !== 'output') examples.push({ page, how, text: block, output: null })
    else examples.push({ ...(examples.pop() as Example), output: block })
  }
  return examples
}

/** A folder in which `leveret` and `amqplib` are installed, as a project would have them. */
export class Project {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async create(): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), 'leveret-examples-'))
    const modules = join(folder, 'node_modules')
    await mkdir(modules)
    await symlink(root, join(modules, 'leveret'))
    await symlink(join(root, 'node_modules', 'amqplib'), join(modules, 'amqplib'))
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n')
    return new Project(folder)
  }

  /** Writes a file; returns its path. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name)
    await writeFile(path, text)
    return path
  }

  /** What a file says. */
  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), 'utf8')
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Where the built program and what it is tested with lie. */
export const paths = {
  main: join(root, 'dist', 'cli', 'main.js'),
  modules: join(root, 'node_modules'),
  tsc: join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
  jest: join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
  runners: join(__dirname, 'runners', 'node_modules'),
  pytestPlugin: join(root, 'integrations', 'pytest', 'leveret.py'),
} as const
