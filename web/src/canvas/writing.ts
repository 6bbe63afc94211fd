import { newRecordId } from '../board/ids'
import type { Patch, RecordId, Unsubscribe } from '../board/types'
import { height, width, type Box } from '../geometry/box'
import { shapeOf, type Shape } from '../shapes'
import { fitted } from '../shapes/fit'
import { textOf } from '../shapes/shape'
import { isPath } from '../shapes/transform'
import type { Session } from '../sync/session'
import type { Renderer } from './renderer'
import type { Scene } from './scene'
import type { TextEditor } from './texteditor'

export { TextEditor } from './texteditor'

/** Others are shown what is written at most this often, in ms. */
const SHOW_EVERY = 100
/** No more than what is written within this time is lost with the page, in ms. */
const KEEP_EVERY = 2000

export interface WritingOptions {
  readonly session: Session
  readonly scene: Scene
  readonly renderer: Pick<Renderer, 'preview'>
  /** Opens the field; see TextEditor. */
  open(o: { text: string; shape(text: string): Shape | undefined; changed(): void; done(text: string): void }): TextEditor
  /** The writing is over: the shape, if it is there. `isLost`: somebody has removed it, with what was written. */
  done(id: RecordId, isThere: boolean, isLost: boolean): void
}

/**
 * The text of one shape while it is written: hidden in the picture, shown to others as it grows, put into the
 * document now and then, one step of undo in the end. A text that is left empty is removed. What others write in it meanwhile is taken in, line by line.
 */
export class Writing {
  readonly editor: TextEditor
  private readonly unsubscribe: Unsubscribe
  /** The text that the field began with, or that was taken in last. */
  private base: string
  private showing: ReturnType<typeof setTimeout> | undefined
  private keeping: ReturnType<typeof setTimeout> | undefined
  private readonly merge = `write ${newRecordId()}`

  /** `made`: the properties of a shape that is not in the document yet. */
  constructor(
    private readonly o: WritingOptions,
    readonly id: RecordId,
    private readonly made: Patch | undefined,
  ) {
    this.base = textOf(this.props)
    this.editor = o.open({
      text: this.base,
      shape: (text) => this.shape(text),
      changed: () => this.changed(),
      done: (text) => this.finish(text),
    })
    o.session.live.sendTyping(id)
    this.hide(this.editor.text)
    this.unsubscribe = o.session.document.subscribe((changes) => changes.some((change) => change.id === id) && this.happened())
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
    if (this.props['kind'] !== 'text') return fitted(this.props, { text })
    const shape = this.like({ ...this.props, text })
    return shape ? sized(shape.frame) : {}
  }

  /** Somebody else has changed the shape. */
  private happened(): void {
    if (!this.isThere) return this.editor.finish()
    this.takeIn()
    this.editor.place()
    this.hide(this.editor.text)
  }

  private takeIn(): void {
    const theirs = textOf(this.props)
    if (theirs !== this.base && this.editor.takeIn(this.base, theirs)) this.base = theirs
  }

  private get isThere(): boolean {
    const record = this.o.session.document.get(this.id)
    return record ? record['deleted'] !== true : this.made !== undefined
  }

  private changed(): void {
    this.takeIn()
    this.hide(this.editor.text)
    this.showing ??= setTimeout(() => {
      this.showing = undefined
      this.o.session.live.sendShapes([[this.id, this.patch(this.editor.text)]])
    }, SHOW_EVERY)
    this.keeping ??= setTimeout(() => {
      this.keeping = undefined
      if (this.editor.text !== '') this.keep(this.editor.text)
    }, KEEP_EVERY)
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
    clearTimeout(this.keeping)
    this.unsubscribe()
    const { session, renderer } = this.o
    const wasThere = this.isThere
    const isKept = this.keep(text)
    session.live.sendTyping(undefined)
    session.live.end(this.id)
    session.live.cancelShapes()
    renderer.preview([])
    this.o.done(this.id, isKept && wasThere, isKept && !wasThere)
  }

  /** Puts the text into the document, also into a shape that was removed: whoever brings it back has it. Returns whether there was any. */
  private keep(text: string): boolean {
    const { document } = this.o.session
    const isKnown = document.get(this.id) !== undefined
    const isEmpty = text === '' && this.props['kind'] === 'text'
    const { merge } = this
    if (isEmpty && this.isThere && isKnown) document.edit([[this.id, { deleted: true }]], { merge })
    if (isEmpty || (!isKnown && !this.made)) return false
    if (isKnown && text === this.base) return this.isThere
    this.base = text
    document.edit([[this.id, this.patch(text)]], { merge })
    return true
  }
}

function sized(frame: Box): Patch {
  return { at: [round(frame.minX), round(frame.minY)], size: [round(width(frame)), round(height(frame))] }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
