import type { Patch } from '../../board/types'
import { isInside } from '../../geometry/oriented'
import { world } from '../../geometry/point'
import { kindOf } from '../../shapes/kinds'
import { rotationOf, sizedBox } from '../../shapes/shape'
import type { Props } from '../fragment'
import * as f from './fields'
import type { Element } from './fields'
import { innerLinesOf, shapeOfLine } from './outline'

/**
 * A shape that is a closed line in Excalidraw may be of several elements there: lines have no label, and one line has no
 * others within it. Its elements are one group, and `customData.easel.part` says what they are: the number of a line
 * within, or `label`. Reading makes one shape of them again, as long as they look like that shape: what was changed so
 * that they do not are lines and texts of their own.
 */
export interface Family {
  /** What the closed line's shape is: kind, place, size and mirroring. */
  readonly props: Props
  readonly lines: readonly Element[]
  readonly label: Element | undefined
  /** Whether the innermost group has none but these. */
  readonly isGroup: boolean
}

/** How far a line within may be from where it was written, in units, and as a share of its size. */
const MOVED = { units: 0.5, share: 0.01 }

/** What our export says of an element. */
export function hintsIn({ customData }: Element): Element | undefined {
  return f.objectOf(f.objectOf(customData)?.['easel'])
}

/** Whether an element was written as the outline of a kind of shape. */
export function isOutline(e: Element): boolean {
  const hints = hintsIn(e)
  const kind = hints && Array.isArray(e['points']) ? kindOf(hints) : undefined
  return kind?.form === 'box' && kind.outline !== undefined
}

/** What has the same innermost group. */
interface Group {
  size: number
  outlines: number
  readonly parts: Element[]
}

/** The closed lines that are shapes of ours, with what belongs to them. */
export function familiesIn(elements: Iterable<Element>): Map<Element, Family> {
  const groups = new Map<string, Group>()
  const outlines: (readonly [Element, Group | undefined])[] = []
  for (const e of elements) {
    const group = groupOf(e, groups)
    if (group) group.size++
    if (group && hintsIn(e)?.['part'] !== undefined) group.parts.push(e)
    if (!isOutline(e)) continue
    outlines.push([e, group])
    if (group) group.outlines++
  }
  const families = new Map<Element, Family>()
  for (const [e, group] of outlines) {
    const family = familyOf(e, group)
    if (family) families.set(e, family)
  }
  return families
}

function groupOf({ groupIds }: Element, groups: Map<string, Group>): Group | undefined {
  const [id] = Array.isArray(groupIds) ? groupIds : []
  if (typeof id !== 'string') return undefined
  const group = groups.get(id) ?? { size: 0, outlines: 0, parts: [] }
  groups.set(id, group)
  return group
}

function familyOf(e: Element, group: Group | undefined): Family | undefined {
  const { kind, sides, flip, parts: written } = hintsIn(e)!
  const look: Props = { kind: kind!, ...(sides !== undefined && { sides }), ...(flip !== undefined && { flip }) }
  const place = shapeOfLine(e, look)
  if (!place) return undefined
  const props: Props = { ...look, ...place }
  const turned = { ...props, rotation: f.numberOf(e['angle'], 0) }
  const isAlone = group?.outlines === 1
  const parts = isAlone ? group.parts : []
  const lines = parts.filter(({ type }) => type === 'line')
  // Files of earlier versions have no lines within.
  if (written !== undefined && !areIntact(lines, e, turned)) return undefined
  const labels = parts.filter((one) => one['type'] === 'text' && isIn(one, turned))
  const label = labels.length === 1 ? labels[0] : undefined
  return { props, lines, label, isGroup: written !== undefined && isAlone && group.size === 1 + lines.length + (label ? 1 : 0) }
}

/** Whether the lines are all that were written within an outline, where they were, in its look. */
function areIntact(lines: readonly Element[], e: Element, p: Patch): boolean {
  const expected = innerLinesOf(p)
  const looks = ['strokeColor', 'strokeWidth', 'strokeStyle', 'opacity'].map((field) => [field, e[field]] as const)
  return (
    lines.length === expected.length &&
    expected.every((line, i) => {
      const found = lines.find((one) => hintsIn(one)!['part'] === i)
      return found && isNear(found, line, rotationOf(p)) && looks.every(([field, look]) => found[field] === look)
    })
  )
}

function isNear(e: Element, expected: Element, angle: number): boolean {
  const [points, wanted] = [f.pointsOf(e['points']), f.pointsOf(expected['points'])]
  const most = Math.max(MOVED.units, MOVED.share * Math.max(Number(expected['width']), Number(expected['height'])))
  const near = (a: unknown, b: unknown) => Math.abs(f.numberOf(a, 0) - f.numberOf(b, 0)) <= most
  const whole = Math.abs(Math.sin((f.numberOf(e['angle'], 0) - angle) / 2)) < MOVED.share
  return whole && points.length === wanted.length && near(e['x'], expected['x']) && near(e['y'], expected['y']) && points.every(([x, y], i) => near(x, wanted[i]![0]) && near(y, wanted[i]![1]))
}

/** Whether the middle of a text is in a shape's box. */
function isIn(text: Element, p: Patch): boolean {
  const [x, y, w, h] = ['x', 'y', 'width', 'height'].map((field) => f.numberOf(text[field], 0)) as [number, number, number, number]
  return isInside({ box: sizedBox(p)!, rotation: rotationOf(p) }, world(x + w / 2, y + h / 2), f.numberOf(text['fontSize'], 0))
}
