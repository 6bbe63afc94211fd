import { computed, onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { Change, Patch, RecordId } from '../board/types'
import type { BoardView } from '../canvas/view'
import { appliedOf, changeFor, isReshapable, type Applied } from '../editor/applied'
import { Slide } from '../editor/slide'
import { styleFor, type Style } from '../editor/style'
import type { Session } from '../sync/session'
import { outlineIn, type NamedTool, type ToolName } from '../tools'
import { familyOfShape, type Family } from './style'

export interface SelectionStyleOptions {
  readonly session: Session
  readonly view: Readonly<Ref<BoardView | undefined>>
  readonly tool: Readonly<Ref<ToolName>>
  readonly style: Readonly<Ref<Style>>
  setStyle(change: Patch, family?: Family): void
}

/** What the panels know of the selection. */
export interface Selected {
  readonly ids: readonly RecordId[]
  readonly applied: Applied
  readonly isLocked: boolean
  readonly isGrouped: boolean
  readonly link: string | undefined
  /** The kinds of those that may become another. */
  readonly outlines: ReadonlySet<string>
}

/** What tools make whose shapes have a style. */
const MADE: { readonly [tool in NamedTool]?: Patch } = {
  ...{ rect: { kind: 'rect' }, diamond: { kind: 'diamond' }, ellipse: { kind: 'ellipse' }, circle: { kind: 'ellipse' } },
  ...{ polygon: { kind: 'polygon' }, arrow: { kind: 'arrow' }, line: { kind: 'line' }, text: { kind: 'text' }, note: { kind: 'note' } },
  ...{ pen: { kind: 'draw' }, highlighter: { kind: 'draw', brush: 'highlighter' } },
}

const NOTHING: Selected = { ids: [], applied: new Map(), isLocked: false, isGrouped: false, link: undefined, outlines: new Set() }

/**
 * What the selected shapes look like, or what the tool in hand will make, at most once a frame; and
 * changes of it. Shapes themselves never become reactive.
 */
export function useSelectionStyles({ session, view, tool, style, setStyle }: SelectionStyleOptions) {
  const { document: doc } = session
  const selected = shallowRef(NOTHING)
  /** What a hand on a slider is at. */
  const sliding = shallowRef<Patch>()
  const applied = computed<Applied>(() => over(standing.value, sliding.value))
  const standing = computed<Applied>(() => {
    if (selected.value.ids.length > 0) return selected.value.applied
    const made = madeBy(tool.value)
    if (!made) return NOTHING.applied
    const { kind } = made
    const next = { ...(kind === 'arrow' && { endhead: 'arrow' }), ...styleFor(String(kind), style.value), ...made }
    return new Map([...appliedOf([next])].filter(([prop]) => !(kind === 'line' && prop.endsWith('head'))))
  })

  let frame: number | undefined
  function look(): void {
    frame ??= requestAnimationFrame(() => {
      frame = undefined
      selected.value = read(doc, view.value?.selection.ids ?? [])
    })
  }
  const concerns = ({ id }: Change) => view.value?.selection.has(id) === true
  const ends = [doc.subscribe((changes) => changes.some(concerns) && look())]
  watch(view, (board) => {
    if (!board) return
    ends.push(board.selection.subscribe(look), board.selection.subscribe(() => slide.end()))
    look()
  })
  const slide = new Slide({
    preview(change) {
      sliding.value = change
      const edits = editsOf(change)
      if (edits.length > 0) view.value?.perform({ do: 'preview', edits })
      return edits.length
    },
    commit(change) {
      const edits = editsOf(change)
      if (edits.length > 0) view.value?.perform({ do: 'edit', edits })
      sliding.value = held = undefined
      selected.value = read(doc, view.value?.selection.ids ?? [])
    },
    frame(fn) {
      const request = requestAnimationFrame(fn)
      return () => cancelAnimationFrame(request)
    },
  })
  onScopeDispose(() => {
    slide.end()
    if (frame !== undefined) cancelAnimationFrame(frame)
    for (const end of ends) end()
  })

  /** What was selected when the hand took hold. */
  let held: readonly RecordId[] | undefined

  function editsOf(change: Patch): [RecordId, Patch][] {
    const edits: [RecordId, Patch][] = []
    for (const [id, shape] of shapesOf(doc, held ?? view.value?.selection.ids ?? [])) {
      const part = changeFor(shape, change)
      if (part) edits.push([id, part])
    }
    return edits
  }

  /** Changes the selection, and what comes next. With `more`, the hand has not let go yet. */
  function change(patch: Patch, more = false): void {
    if (more) {
      held ??= [...(view.value?.selection.ids ?? [])]
      return slide.move(patch)
    }
    const families = new Set<Family>()
    for (const [, shape] of shapesOf(doc, view.value?.selection.ids ?? [])) families.add(familyOfShape(shape))
    setStyle(patch, families.size === 1 ? [...families][0] : families.size > 1 ? 'common' : undefined)
    slide.end(patch)
  }

  return { selected, applied, change }
}

function madeBy(tool: ToolName): Patch | undefined {
  const kind = outlineIn(tool)
  return kind === undefined ? MADE[tool as NamedTool] : { kind }
}

/** What shapes look like with a change. */
function over(applied: Applied, change: Patch = {}): Applied {
  const changed = [...applied].map(([prop, shared]) => [prop, prop in change ? { value: change[prop]!, isMixed: false } : shared] as const)
  return new Map(changed)
}

function read(doc: Session['document'], ids: Iterable<RecordId>): Selected {
  const shapes = shapesOf(doc, ids)
  if (shapes.length === 0) return NOTHING
  const props = shapes.map(([, shape]) => shape)
  const link = props[0]!['link']
  return {
    ids: shapes.map(([id]) => id),
    applied: appliedOf(props),
    isLocked: props.every(({ locked }) => locked === true),
    isGrouped: props.some(({ groups }) => Array.isArray(groups) && groups.length > 0),
    link: typeof link === 'string' ? link : undefined,
    outlines: new Set(props.filter(isReshapable).map(({ kind }) => String(kind))),
  }
}

function shapesOf(doc: Session['document'], ids: Iterable<RecordId>): [RecordId, Patch][] {
  const shapes: [RecordId, Patch][] = []
  for (const id of ids) {
    const shape = doc.get(id)
    if (shape && shape['deleted'] !== true) shapes.push([id, shape])
  }
  return shapes
}
