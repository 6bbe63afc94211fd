import { newRecordId } from '../board/ids'
import type { Patch, RecordId } from '../board/types'
import { styleFor, type Style } from '../editor/style'
import type { Session } from '../sync/session'
import { StrokeWriter } from '../sync/stroke'
import type { Board, Edit, Effect, Hint, Place, Then } from '../tools'
import { NO_HINT } from '../tools'
import { isInside } from '../geometry/oriented'
import { clipIn, type Shape } from '../shapes'
import type { Renderer } from './renderer'
import type { Scene } from './scene'
import { WetInk } from './wetink'

/** How near to a shape the eraser must come, in pixels. */
const ERASER_REACH = 8

/** So many points are drawn to rehearse a stroke. */
const REHEARSED = 30

export type { Style }

/** What work does with the rest of the board's view. */
export interface Hands {
  select(ids: readonly RecordId[]): void
  hint(hint: Hint): void
  cursor(cursor: string): void
  /** Opens the text of a shape; `props` of one that is not made yet. */
  write(id: RecordId, props: Patch | undefined): void
  pickImage(at: Place['at']): void
  comment(place: { readonly at: Place['at']; readonly on?: RecordId }): void
  laser(places: readonly Place[]): void
  /** A new shape was made. */
  made(): void
}

export interface WorkOptions {
  readonly session: Session
  readonly scene: Scene
  readonly renderer: Pick<Renderer, 'setWet' | 'settle' | 'preview'>
  /** What tools see. */
  readonly board: Board
  readonly hands: Hands
  /** The layer of new shapes. */
  layer(): RecordId | null
}

type Piece =
  | { readonly kind: 'ink'; readonly writer: StrokeWriter; readonly ink: WetInk }
  | { readonly kind: 'edits' }
  | { readonly kind: 'erase'; readonly merge: string; readonly erased: RecordId[] }

/** Carries out what tools want: shows it here, shows it to others, and puts it into the document. */
export class Work {
  private current: Piece | undefined
  private hasDrawn = false

  constructor(private readonly o: WorkOptions) {}

  /** Whether something is being drawn, changed or erased. */
  get isBusy(): boolean {
    return this.current !== undefined
  }

  perform(effect: Exclude<Effect, { do: 'pan' }>): void {
    const { hands } = this.o
    switch (effect.do) {
      case 'ink':
        return this.drawInk(effect.places, effect.predicted, effect.brush)
      case 'ink-done':
        return void this.finishInk()
      case 'ink-became':
        return this.replaceInk(effect.props)
      case 'preview':
        return this.preview(effect.edits)
      case 'edit':
        return this.edit(effect.edits, effect.then)
      case 'erase':
        return this.erase(effect.along.a, effect.along.b)
      case 'erase-done':
        this.current = undefined
        return
      case 'select':
        return hands.select(effect.ids)
      case 'write':
        return hands.write(effect.id, effect.props)
      case 'pick-image':
        return hands.pickImage(effect.at)
      case 'comment':
        hands.comment(effect)
        return hands.made()
      case 'laser':
        return hands.laser(effect.places)
      case 'laser-done':
        return
      case 'hint':
        return hands.hint(effect.hint)
      case 'cursor':
        return hands.cursor(effect.cursor)
      case 'give-up':
        return this.giveUp()
    }
  }

  /** Has the browser make ready, at leisure, what the first stroke needs: a canvas, and code that has run. Nothing of it is seen. */
  rehearse(at: Place['at']): void {
    if (this.hasDrawn) return
    const ink = new WetInk({ kind: 'draw', opacity: 0 })
    for (let i = 0; i < REHEARSED; i++) {
      ink.extend([{ x: at.x + i, y: at.y }])
      this.o.renderer.setWet(ink)
    }
    this.o.renderer.setWet(undefined)
  }

  private drawInk(places: readonly Place[], predicted: readonly Place[], brush: 'pen' | 'highlighter' | undefined): void {
    if (this.current?.kind !== 'ink') this.current = this.beginInk(places[0]!, brush)
    const { writer, ink } = this.current
    const points = places.map(strokePoint)
    writer.extend(points)
    ink.extend(points)
    ink.predict(predicted.map(strokePoint))
    this.o.renderer.setWet(ink, writer.id)
  }

  /** Ink is in the frame that it begins in. */
  private beginInk({ at }: Place, brush: 'pen' | 'highlighter' | undefined): Extract<Piece, { kind: 'ink' }> {
    const { session, board } = this.o
    this.hasDrawn = true
    const frame = this.frameAt(at)
    const style = this.onLayer({
      kind: 'draw',
      ...styleFor('draw', board.style),
      ...(brush === 'highlighter' && { brush }),
      z: board.newKey(),
      ...(frame && { frame: frame.id }),
    })
    const writer = new StrokeWriter(session.document, session.live, Date.now, style)
    return { kind: 'ink', writer, ink: new WetInk(style, frame && clipIn(frame.id, this.o.scene.lookup)) }
  }

  /** As tools/frames.ts has it, which comes later than the first stroke. */
  private frameAt(at: Place['at']): Shape | undefined {
    const here = this.o.scene.within({ minX: at.x, minY: at.y, maxX: at.x, maxY: at.y })
    return here.findLast(({ props, frame, rotation }) => props['kind'] === 'frame' && isInside({ box: frame, rotation }, at))
  }

  /** Returns the record of the stroke. */
  private finishInk(): RecordId | undefined {
    if (this.current?.kind !== 'ink') return undefined
    const { writer, ink } = this.current
    this.current = undefined
    ink.predict([])
    const { id } = writer
    writer.finish()
    if (writer.id !== id) this.o.renderer.setWet(ink, writer.id)
    this.o.renderer.settle()
    return writer.id
  }

  /** Two steps of undo: the first gives the ink back. */
  private replaceInk(props: Patch): void {
    const ink = this.finishInk()
    if (ink === undefined) return
    const { session, board } = this.o
    const { z = board.newKey(), frame } = session.document.get(ink) ?? {}
    session.document.edit([
      [ink, { deleted: true }],
      [board.newId(), this.onLayer({ ...(frame && { frame }), ...props, z })],
    ])
  }

  private preview(edits: readonly Edit[]): void {
    if (this.current?.kind !== 'edits') this.current = { kind: 'edits' }
    const whole = edits.map((edit) => this.whole(edit))
    this.o.renderer.preview(whole)
    this.o.session.live.sendShapes(whole)
  }

  private edit(edits: readonly Edit[], then: Then = {}): void {
    const { session, renderer, hands } = this.o
    this.current = undefined
    session.document.edit(edits.map((edit) => this.whole(edit)))
    renderer.preview([])
    for (const [id] of edits) session.live.end(id)
    session.live.cancelShapes()
    if (then.select) hands.select(then.select)
    if (then.made) hands.made()
    if (then.write !== undefined) hands.write(then.write, undefined)
  }

  /** The edit, with what a new shape needs beside it. */
  private whole([id, patch]: Edit): Edit {
    const isNew = this.o.session.document.get(id) === undefined && patch['kind'] !== undefined
    return isNew ? [id, this.onLayer(patch)] : [id, patch]
  }

  private onLayer(props: Patch): Patch {
    const layer = this.o.layer()
    return layer === null || 'layer' in props ? props : { ...props, layer }
  }

  private erase(a: Place['at'], b: Place['at']): void {
    if (this.current?.kind !== 'erase') this.current = { kind: 'erase', merge: `erase ${newRecordId()}`, erased: [] }
    const { scene, board } = this.o
    const { merge, erased } = this.current
    const touched = scene.touching({ a, b }, ERASER_REACH / board.zoom).filter(({ id }) => !scene.isLocked(id))
    if (touched.length === 0) return
    const ids = touched.map(({ id }) => id)
    erased.push(...ids)
    this.o.session.document.edit([...scene.endsLeft(ids), ...ids.map((id): Edit => [id, { deleted: true }])], { merge })
  }

  private giveUp(): void {
    const work = this.current
    const { session, renderer, hands } = this.o
    const { document, live } = session
    this.current = undefined
    renderer.setWet(undefined)
    hands.hint(NO_HINT)
    if (work?.kind === 'ink') work.writer.cancel()
    if (work?.kind === 'edits') {
      renderer.preview([])
      live.cancelShapes()
    }
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
