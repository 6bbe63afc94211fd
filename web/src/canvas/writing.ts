import type { Patch, RecordId } from '../board/types'
import { height, width, type Box } from '../geometry/box'
import { shapeOf, type Shape } from '../shapes'
import { isPath } from '../shapes/transform'
import type { Session } from '../sync/session'
import type { Renderer } from './renderer'
import type { Scene } from './scene'
import type { TextEditor } from './texteditor'

/** Others are shown what is written at most this often, in ms. */
const SHOW_EVERY = 100

export interface WritingOptions {
  readonly session: Session
  readonly scene: Scene
  readonly renderer: Pick<Renderer, 'preview'>
  /** Opens the field; see TextEditor. */
  open(o: { text: string; shape(text: string): Shape | undefined; changed(text: string): void; done(text: string): void }): TextEditor
  /** How a shape grows that its text does not fit into. */
  grown(shape: Shape): Patch
  /** The writing is over: the shape, if it is there. */
  done(id: RecordId, isThere: boolean): void
}

/**
 * The text of one shape while it is written: hidden in the picture, shown to others as it grows, one step
 * of undo in the end. A text that is left empty is removed.
 */
export class Writing {
  readonly editor: TextEditor
  private showing: ReturnType<typeof setTimeout> | undefined

  /** `made`: the properties of a shape that is not in the document yet. */
  constructor(
    private readonly o: WritingOptions,
    readonly id: RecordId,
    private readonly made: Patch | undefined,
  ) {
    const { text } = this.props
    this.editor = o.open({
      text: typeof text === 'string' ? text : '',
      shape: (text) => this.shape(text),
      changed: (text) => this.changed(text),
      done: (text) => this.finish(text),
    })
    o.session.live.sendTyping(id)
    this.hide(this.editor.text)
  }

  private get props(): Patch {
    return this.o.session.document.get(this.id) ?? this.made ?? {}
  }

  private shape(text: string): Shape | undefined {
    return this.like({ ...this.props, text, ...this.growth(text) })
  }

  private like(props: Patch): Shape | undefined {
    return shapeOf(this.id, props, this.o.scene.lookup)
  }

  /** What a text makes of its shape's size. */
  private growth(text: string): Patch {
    const shape = this.like({ ...this.props, text })
    if (!shape) return {}
    return this.props['kind'] === 'text' ? sized(shape.frame) : this.o.grown(shape)
  }

  private changed(text: string): void {
    this.hide(text)
    this.showing ??= setTimeout(() => {
      this.showing = undefined
      this.o.session.live.sendShapes([[this.id, this.patch(this.editor.text)]])
    }, SHOW_EVERY)
  }

  /** The picture shows the shape as large as with its text, but without it. */
  private hide(text: string): void {
    const frame = this.shape(text)?.frame
    this.o.renderer.preview([[this.id, { ...this.made, text: '', ...(frame && !isPath(this.props) && sized(frame)) }]])
  }

  /** What is written, and the size that the shape takes by it. */
  private patch(text: string): Patch {
    return { ...this.made, text, ...this.growth(text) }
  }

  private finish(text: string): void {
    clearTimeout(this.showing)
    const { session, renderer } = this.o
    const record = session.document.get(this.id)
    const isText = this.props['kind'] === 'text'
    const isGone = record ? record['deleted'] === true : !this.made || (text === '' && isText)
    if (!isGone) session.document.edit([[this.id, isText && text === '' ? { deleted: true } : this.patch(text)]])
    session.live.sendTyping(undefined)
    session.live.end(this.id)
    session.live.cancelShapes()
    renderer.preview([])
    this.o.done(this.id, !isGone && !(isText && text === ''))
  }
}

function sized(frame: Box): Patch {
  return { at: [round(frame.minX), round(frame.minY)], size: [round(width(frame)), round(height(frame))] }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
