import { newRecordId } from '../board/ids'
import type { RecordId } from '../board/types'
import { styleFor, type Style } from '../editor/style'
import { shapeOf } from '../shapes'
import { colorOf, widthOf } from '../shapes/shape'
import type { Session } from '../sync/session'
import { StrokeWriter } from '../sync/stroke'
import type { Board, Edit, Effect, Place } from '../tools'
import type { Renderer } from './renderer'
import type { Scene } from './scene'
import { sketchOf } from './sketches'
import { WetInk } from './wetink'

/** How near to a shape the eraser must come, in pixels. */
const ERASER_REACH = 8

export type { Style }

export interface WorkOptions {
  readonly session: Session
  readonly scene: Scene
  readonly renderer: Renderer
  /** What tools see. */
  readonly board: Board
  /** Pixels per world unit. */
  zoom(): number
}

type Piece =
  | { readonly kind: 'ink'; readonly writer: StrokeWriter; readonly ink: WetInk }
  | { readonly kind: 'edits'; readonly ids: Set<RecordId> }
  | { readonly kind: 'erase'; readonly merge: string; readonly erased: RecordId[] }

/** Carries out what tools want: shows it here, shows it to others, and puts it into the document. */
export class Work {
  private current: Piece | undefined

  constructor(private readonly o: WorkOptions) {}

  /** Whether something is being drawn or erased. */
  get isBusy(): boolean {
    return this.current !== undefined
  }

  perform(effect: Exclude<Effect, { do: 'pan' }>): void {
    switch (effect.do) {
      case 'ink':
        return this.drawInk(effect.places, effect.predicted)
      case 'ink-done':
        return this.finishInk()
      case 'preview':
        return this.preview(effect.edits)
      case 'edit':
        return this.edit(effect.edits)
      case 'erase':
        return this.erase(effect.along.a, effect.along.b)
      case 'erase-done':
        this.current = undefined
        return
      case 'give-up':
        return this.giveUp()
    }
  }

  private drawInk(places: readonly Place[], predicted: readonly Place[]): void {
    if (this.current?.kind !== 'ink') {
      const { document, live } = this.o.session
      const { board } = this.o
      const style = { kind: 'draw', ...styleFor('draw', board.style), z: board.newKey() }
      const writer = new StrokeWriter(document, live, Date.now, style)
      this.current = { kind: 'ink', writer, ink: new WetInk(widthOf(style), 1, colorOf(style)) }
    }
    const { writer, ink } = this.current
    const points = places.map(strokePoint)
    writer.extend(points)
    ink.extend(points)
    ink.predict(predicted.map(strokePoint))
    this.o.renderer.setWet(ink)
  }

  private finishInk(): void {
    if (this.current?.kind !== 'ink') return
    const { writer, ink } = this.current
    this.current = undefined
    ink.predict([])
    writer.finish()
    this.o.renderer.settle(writer.id)
  }

  private preview(edits: readonly Edit[]): void {
    if (this.current?.kind !== 'edits') this.current = { kind: 'edits', ids: new Set() }
    const { document, live } = this.o.session
    for (const [id, patch] of edits) {
      this.current.ids.add(id)
      const props = { ...document.get(id), ...patch }
      const shape = shapeOf(id, props)
      this.o.renderer.setWet(shape && sketchOf(shape))
      live.sendShape(id, props)
    }
  }

  private edit(edits: readonly Edit[]): void {
    this.preview(edits)
    this.current = undefined
    this.o.session.document.edit(edits)
    for (const [id] of edits) {
      this.o.session.live.end(id)
      this.o.renderer.settle(id)
    }
  }

  private erase(a: Place['at'], b: Place['at']): void {
    if (this.current?.kind !== 'erase') this.current = { kind: 'erase', merge: `erase ${newRecordId()}`, erased: [] }
    const { merge, erased } = this.current
    const ids = this.o.scene.touching({ a, b }, ERASER_REACH / this.o.zoom()).map(({ id }) => id)
    if (ids.length === 0) return
    erased.push(...ids)
    this.o.session.document.edit(
      ids.map((id) => [id, { deleted: true }]),
      { merge },
    )
  }

  private giveUp(): void {
    const work = this.current
    const { document, live } = this.o.session
    this.current = undefined
    this.o.renderer.setWet(undefined)
    if (work?.kind === 'ink') work.writer.cancel()
    if (work?.kind === 'edits') for (const id of work.ids) live.cancel(id)
    if (work?.kind !== 'erase' || work.erased.length === 0) return
    document.edit(
      work.erased.map((id) => [id, { deleted: false }]),
      { history: false },
    )
    document.history.abandon(work.merge)
  }
}

function strokePoint({ at, pressure }: Place) {
  return pressure === undefined ? { x: at.x, y: at.y } : { x: at.x, y: at.y, pressure }
}
