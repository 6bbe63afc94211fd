import type { Change, Patch, RecordId } from '../board/types'
import { isKind } from '../shapes/kinds'
import type { Key } from '../i18n/format'
import type { Say } from './describe'

/** What can have happened to a shape, what matters most first. */
type Fate = 'added' | 'removed' | 'resized' | 'moved' | 'changed'

const OWN: { readonly [fate in Fate]: Key } = {
  added: 'access.added',
  removed: 'access.removed',
  resized: 'access.resized',
  moved: 'access.moved',
  changed: 'access.changed',
}

/** What a change of place and size touches. */
const PLACE = ['at', 'rotation', 'frame', 'z']
const SIZE = ['size', 'bends', 'scale', 'fontsize', ...PLACE]

/** What changes amount to, shape by shape, over some time. */
export class News {
  private readonly fates = new Map<RecordId, Fate>()

  get isEmpty(): boolean {
    return this.fates.size === 0
  }

  /** Takes in what happened next. What was added and is gone again is no news. */
  take(changes: readonly Change[]): void {
    for (const change of changes) {
      const fate = fateOf(change)
      const before = this.fates.get(change.id)
      if (!fate) continue
      if (before === 'added' && fate === 'removed') this.fates.delete(change.id)
      else if (before !== 'added') this.fates.set(change.id, fate)
    }
  }

  /** "2 shapes added, 1 shape moved". */
  own(say: Say): string {
    return this.sentences((fate, n) => say(OWN[fate], { n })).join(say('access.comma'))
  }

  /** "Ana added 2 shapes, Ana deleted 1 shape". */
  of(name: string, say: Say): string {
    const keys = { added: 'access.othersAdded', removed: 'access.othersRemoved' } as const
    return this.sentences((fate, n) => say(keys[fate as 'added'] ?? 'access.othersChanged', { n, name })).join(say('access.comma'))
  }

  private sentences(say: (fate: Fate, n: number) => string): string[] {
    return (Object.keys(OWN) as Fate[]).flatMap((fate) => {
      const n = [...this.fates.values()].filter((one) => one === fate).length
      return n > 0 ? [say(fate, n)] : []
    })
  }
}

function fateOf({ before, after }: Change): Fate | undefined {
  if (!isKind((after ?? before)?.['kind'])) return undefined
  const [was, is] = [isThere(before), isThere(after)]
  if (was !== is) return is ? 'added' : 'removed'
  if (!is) return undefined
  const props = touched(before!, after!)
  if (props.every((prop) => PLACE.includes(prop))) return 'moved'
  return props.every((prop) => SIZE.includes(prop)) ? 'resized' : 'changed'
}

const isThere = (record: Patch | undefined) => record !== undefined && record['deleted'] !== true

function touched(before: Patch, after: Patch): string[] {
  const props = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...props].filter((prop) => before[prop] !== after[prop])
}
