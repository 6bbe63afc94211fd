import { mergeText } from '../board/mergetext'
import type { Patch } from '../board/types'
import { toScreen, type Camera } from '../geometry/camera'
import { centreOf, turn } from '../geometry/oriented'
import { world } from '../geometry/point'
import { measureText, type Shape } from '../shapes'
import { wantFont, FAMILIES } from '../shapes/webfonts'
import { LINE_HEIGHT } from '../shapes/text/layout'
import { textStyleOf } from '../shapes/text/label'
import { writingArea, type WritingArea } from './writingarea'

/** Scripts whose letters are as wide as the system's fonts make them: the picture, the same everywhere, takes a common width. */
const SYSTEM_SET = /[\u0590-\u10ff\u1700-\u1cff]/
/** How finely the width is found that breaks lines as the picture does. */
const HALVINGS = 7

export interface TextEditorOptions {
  readonly host: HTMLElement
  /** The text to begin with. */
  readonly text: string
  /** What the editor is called for those who don't see it. */
  readonly label: string
  /** The shape as it looks with a text. */
  shape(text: string): Shape | undefined
  camera(): Camera
  /** The CSS colour of a palette name or #rrggbb. */
  css(color: string): string
  changed(): void
  /** The writing is over; called once. */
  done(text: string): void
}

/**
 * A field exactly over the text of a shape: same font, size, place and rotation. It grows with what is
 * written. Escape, Ctrl or ⌘ with Enter, and going elsewhere end it.
 */
export class TextEditor {
  private readonly field = document.createElement('textarea')
  private readonly frame = document.createElement('div')
  private over = false
  private composing = false

  constructor(private readonly o: TextEditorOptions) {
    this.frame.className = 'writing'
    const { field } = this
    Object.assign(field, { value: o.text, rows: 1, spellcheck: false, wrap: 'soft', dir: 'auto', ariaLabel: o.label })
    field.setAttribute('aria-label', o.label)
    field.dataset['testid'] = 'text-editor'
    field.setAttribute('autocapitalize', 'sentences')
    field.addEventListener('input', () => this.input())
    field.addEventListener('compositionstart', () => (this.composing = true))
    field.addEventListener('compositionend', () => this.composed())
    field.addEventListener('keydown', (e) => this.key(e))
    field.addEventListener('blur', () => this.finish())
    for (const type of ['pointerdown', 'contextmenu'] as const) field.addEventListener(type, (e) => e.stopPropagation())
    this.frame.append(field)
    o.host.append(this.frame)
    this.place()
    field.focus({ preventScroll: true })
    if (o.text !== '') field.select()
  }

  get text(): string {
    return this.field.value
  }

  /** Follows the camera and the shape. */
  place(): void {
    const shape = this.o.shape(this.text)
    const area = shape && writingArea(shape)
    if (!shape || !area) return
    this.setStyle(shape.props, area)
    this.setSize(shape, area)
    this.setPlace(shape, area)
  }

  /**
   * Takes in what somebody else has made of the text that was `base`; the caret stays among its words. Returns whether it has:
   * not while an input method is at work.
   */
  takeIn(base: string, theirs: string): boolean {
    if (this.composing) return false
    const { field } = this
    const { value, selectionStart, selectionEnd } = field
    const text = mergeText(base, value, theirs)
    if (text === value) return true
    field.value = text
    if (value === '') return true
    const after = text.startsWith(value.slice(0, selectionStart)) ? 0 : text.length - value.length
    if (selectionEnd - selectionStart === value.length) field.select()
    else field.setSelectionRange(Math.max(selectionStart + after, 0), Math.max(selectionEnd + after, 0))
    return true
  }

  /** Ends the writing, with what has been written. */
  finish(): void {
    if (this.over) return
    this.over = true
    this.frame.remove()
    this.o.done(this.text)
  }

  private composed(): void {
    this.composing = false
    this.input()
  }

  private input(): void {
    this.place()
    this.o.changed()
  }

  private key(e: KeyboardEvent): void {
    // A key that chooses among an input method's proposals is not ours.
    if (e.isComposing) return
    e.stopPropagation()
    const ends = e.key === 'Escape' || (e.key === 'Enter' && (e.ctrlKey || e.metaKey))
    if (!ends) return
    e.preventDefault()
    this.finish()
  }

  private setStyle(props: Patch, { align, font, size, color }: WritingArea): void {
    wantFont(font)
    Object.assign(this.field.style, {
      fontFamily: FAMILIES[font],
      fontSize: `${size}px`,
      lineHeight: String(LINE_HEIGHT),
      textAlign: align,
      color: this.o.css(color),
      caretColor: this.o.css(color),
      opacity: String(typeof props['opacity'] === 'number' ? Math.max(props['opacity'], 0.3) : 1),
    })
  }

  /** As wide as the lines are broken at, or as the longest is; as high as the lines. */
  private setSize({ props }: Shape, { breakAt }: WritingArea): void {
    const { style } = this.field
    const em = textStyleOf(props).size
    const own = measureText({ ...props, text: this.text || ' ' }, breakAt)
    const wide = breakAt === Infinity ? own.width + em : breakAt
    style.width = `${wide}px`
    style.whiteSpace = breakAt === Infinity ? 'pre' : 'pre-wrap'
    style.height = '0'
    if (breakAt < Infinity && SYSTEM_SET.test(this.text)) this.breakLike(Math.round(own.height / (em * LINE_HEIGHT)), breakAt, em)
    style.height = `${Math.max(this.field.scrollHeight, own.height, em * LINE_HEIGHT)}px`
  }

  /** As much narrower or wider that there are as many lines as in the picture. */
  private breakLike(lines: number, breakAt: number, em: number): void {
    const { field } = this
    const more = () => Math.round(field.scrollHeight / (em * LINE_HEIGHT)) - lines
    const sign = Math.sign(more())
    let [same, far] = [breakAt, sign > 0 ? 2 * breakAt : breakAt / 2]
    for (let i = 0; i < HALVINGS && sign !== 0; i++) {
      const middle = (same + far) / 2
      field.style.width = `${middle}px`
      if (Math.sign(more()) === sign) same = middle
      else far = middle
    }
    if (sign !== 0) field.style.width = `${far}px`
  }

  private setPlace({ frame, rotation }: Shape, { box, align, valign }: WritingArea): void {
    const { style } = this.frame
    const [wide, high] = [parseFloat(this.field.style.width), parseFloat(this.field.style.height)]
    const x = align === 'center' ? (box.minX + box.maxX - wide) / 2 : align === 'right' ? box.maxX - wide : box.minX
    const y = valign === 'middle' ? (box.minY + box.maxY - high) / 2 : valign === 'bottom' ? box.maxY - high : box.minY
    const camera = this.o.camera()
    const corner = toScreen(camera, turn(world(x, y), centreOf(frame), rotation))
    style.transform = `translate(${corner.x}px, ${corner.y}px) rotate(${rotation}rad) scale(${camera.zoom})`
  }
}
