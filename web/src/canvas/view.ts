import type { Patch, RecordId, Role, Unsubscribe } from '../board/types'
import { centred, fit, opening, pan, revealing, stepZoom, toScreen, toWorld, visible, zoomAbout, type Camera, type Size } from '../geometry/camera'
import { contains, union, type Box } from '../geometry/box'
import { distance, middle, screen, world, type Screen, type World } from '../geometry/point'
import type { Session } from '../sync/session'
import { NO_HINT, prepare, take, type Board, type Effect, type Modifiers, type Place, type Pointer, type Snap, type Tool, type ToolEvent, type ToolName } from '../tools'
import { Selection } from '../editor/selection'
import type { Shape } from '../shapes'
import { Emitter } from './emitter'
import { boardFor } from './facade'
import { PointerInput, type Gesture, type PointerSink, type Sample } from './input'
import type { Look } from './cursors'
import type { Theme } from './palette'
import { Renderer, type RendererStats } from './renderer'
import { Scene } from './scene'
import { Work, type Hands, type Style } from './work'
import type { Writing } from './writing'

export type { Style } from './work'

/** How near to a shape a menu is asked for, in pixels, to mean it. */
const MENU_REACH = 6

/** A board of which so many shapes come at once is shown before all of it is there. */
const LARGE = 200
/** Tools whose drag does not scroll the plane at the edge: one writes to the very edge. */
const STEADY: readonly ToolName[] = ['pen', 'highlighter', 'eraser', 'laser']
/** Tools that stay in the hand after they have made something, whoever keeps tools or not. */
const KEPT: readonly ToolName[] = ['hand', 'pen', 'highlighter', 'eraser', 'laser', 'select', 'lasso']
/** Tools that work on what is selected: it stays so. */
const KEEPING: readonly ToolName[] = ['select', 'lasso', 'hand', 'comment']

export interface BoardViewOptions {
  readonly session: Session
  /** An empty, positioned element that the board fills. */
  readonly host: HTMLElement
  readonly theme: Theme
  readonly tool: ToolName
  readonly style: Style
  /** What we may do as long as the server has not said. */
  readonly assumedRole: Role | undefined
  look(user: string): Look
  assetUrl(asset: string): string
  /** What the field for a shape's text is called. */
  writingLabel(): string
}

/** What the interface around the board may listen to; see BoardView.on. */
export interface ViewEvents {
  /** A menu is asked for, by the right button or a long press; the shape under the pointer, if any, is selected. */
  readonly menu: { readonly on: Screen; readonly at: World; readonly shape: RecordId | undefined }
  /** The image tool asks for pictures to put at a place. */
  readonly 'pick-image': { readonly at: World }
  /** The comment tool asks for words at a place, or on a shape there. */
  readonly comment: { readonly at: World; readonly on?: RecordId }
  /** Somebody has removed the shape that was being written in. */
  readonly lost: { readonly shape: RecordId }
  /** Two fingers tapped, or three. */
  readonly undo: undefined
  readonly redo: undefined
}

/**
 * A board on the screen and in the hand: shows the session's document and carries out what tools want.
 * Without an editor's role it only shows.
 */
export class BoardView {
  readonly scene: Scene
  readonly selection = new Selection()
  /** What tools, and whoever else works on the shapes, see of it all. */
  readonly board: Board
  /** What positions snap to while something is moved or made. */
  snap: Snap = { objects: false, grid: undefined }
  /** Whether a tool stays chosen after it has made a shape. */
  keepTool = false
  /** The layer that new shapes are put on. */
  layer: RecordId | null = null
  private readonly renderer: Renderer
  private readonly input: PointerInput
  private readonly work: Work
  private readonly events = new Emitter<ViewEvents>()
  private readonly listeners = new Set<() => void>()
  private readonly ends: Unsubscribe[] = []
  private tool_: Tool
  private toolName: ToolName
  /** The tool that is used for one gesture: that of the pen's other end, or the hand of those who only look. */
  private override_: Tool | undefined
  private style_: Style
  private camera_: Camera
  private placed = false
  /** Where the camera was put to show what a board looked like last time. */
  private opened: Camera | undefined
  /** Whether some of a board that is on its way is shown. */
  private hasGlimpse = false
  private panning_ = false
  private cursor = ''
  private writing_: Writing | undefined
  private editors: typeof import('./writing') | undefined

  constructor(private readonly o: BoardViewOptions) {
    const { session, host } = o
    this.toolName = o.tool
    this.tool_ = take(o.tool)
    this.style_ = o.style
    this.scene = new Scene(session.document)
    const { clientWidth: width, clientHeight: height } = host
    this.camera_ = centred(world(0, 0), { width, height }, 1)
    this.renderer = new Renderer({ ...o, scene: this.scene, live: session.live, camera: this.camera_, selection: this.selection, self: () => session.self?.user })
    this.board = boardFor({
      scene: this.scene,
      selection: this.selection,
      camera: () => this.camera_,
      size: () => this.renderer.size,
      style: () => this.style_,
      snap: () => this.snap,
    })
    this.work = new Work({
      ...{ session, scene: this.scene, renderer: this.renderer, board: this.board },
      hands: this.hands(),
      layer: () => this.layer,
    })
    this.input = new PointerInput(host, this.sink())
    this.ends.push(
      session.subscribe(() => this.sessionChanged()),
      session.onArrival((records) => this.arrived(this.scene.prepare(records))),
      this.scene.subscribe(() => this.selection.keep((id) => this.scene.get(id) !== undefined)),
      this.selection.subscribe(() => this.mayEdit && session.live.sendSelection(this.selection.ids)),
    )
    this.sessionChanged()
    this.showPointer()
  }

  /** Fetches what the first stroke does not need: all tools, the field for texts, selections. Resolves when they are there. */
  async prepare(): Promise<void> {
    await Promise.all([prepare(), this.loadEditor(), this.renderer.prepare()])
    this.work.rehearse(toWorld(this.camera_, screen(this.size.width / 2, this.size.height / 2)))
  }

  get camera(): Camera {
    return this.camera_
  }

  set camera(camera: Camera) {
    this.setCamera(camera)
  }

  /** What shows the board, in CSS pixels. */
  get size(): Size {
    return this.renderer.size
  }

  get tool(): ToolName {
    return this.toolName
  }

  set tool(name: ToolName) {
    // Of a line what stands is kept; all else that was begun is given up.
    this.finish()
    this.cancel()
    this.toolName = name
    this.tool_ = take(name)
    this.cursor = ''
    this.renderer.hint = NO_HINT
    if (!KEEPING.includes(name)) this.selection.clear()
    this.showPointer()
    this.notify()
  }

  set style(style: Style) {
    this.style_ = style
  }

  set theme(theme: Theme) {
    this.renderer.theme = theme
  }

  /** While down, dragging moves the view. */
  set space(down: boolean) {
    this.input.space = down
  }

  /** Whether fingers move the plane and the pen alone draws; set by the first use of a pen. */
  get penMode(): boolean {
    return this.input.penMode
  }

  set penMode(on: boolean) {
    this.input.penMode = on
    this.notify()
  }

  /** Whether the wheel zooms rather than moves the plane. */
  get wheelZooms(): boolean {
    return this.input.wheelZooms
  }

  set wheelZooms(on: boolean) {
    this.input.wheelZooms = on
  }

  /** Whether somebody draws, drags or moves the view just now. */
  get isBusy(): boolean {
    return this.current.isBusy || this.panning_
  }

  /** The shape whose text is being written, if any. */
  get writing(): RecordId | undefined {
    return this.writing_?.id
  }

  /** Calls `fn` after tool or camera have changed, or what is being written in. */
  subscribe(fn: () => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  /** Calls `fn` for events of a kind. */
  on<N extends keyof ViewEvents>(name: N, fn: (event: ViewEvents[N]) => void): Unsubscribe {
    return this.events.on(name, fn)
  }

  /** Gives up the gesture under way; returns whether there was one. */
  cancel(): boolean {
    if (!this.current.isBusy) return false
    this.handle({ type: 'cancel' })
    this.showPointer()
    return true
  }

  /** Ends what takes several clicks, as Enter does; returns whether there was anything. */
  finish(): boolean {
    if (!this.current.isBusy) return false
    this.handle({ type: 'finish' })
    this.showPointer()
    return true
  }

  /** A modifier key went down or up. */
  modify(mods: Modifiers): void {
    this.run(this.current.handle({ type: 'mods', mods }, this.board))
  }

  /** Carries out an effect as if a tool had asked for it. */
  perform(...effects: readonly Effect[]): void {
    this.run(effects)
  }

  /** Gives the chosen tool an event as the pointer would; for those who work by keys. */
  drive(event: ToolEvent): void {
    if (!this.mayEdit) return
    this.handle(event)
    this.showPointer()
  }

  /** A record as it is shown now: with what is being done to it, here or by others. */
  shown(id: RecordId): Patch | undefined {
    return this.renderer.shown(id)
  }

  /** A picture of the whole board, if there is one, and its place on the plane. */
  get picture(): Renderer['picture'] {
    return this.renderer.picture
  }

  /** Shows what the board looked like last time, until its shapes are there. */
  standIn(picture: { readonly canvas: HTMLCanvasElement; readonly bounds: Box; readonly x: number; readonly y: number; readonly scale: number }): void {
    if (this.placed) return
    this.renderer.standIn(picture.canvas, picture)
    this.setCamera((this.opened = opening(picture.bounds, this.renderer.size)))
  }

  /** Moves the view, no further than needed, so that it shows a box. */
  reveal(box: Box): void {
    this.setCamera(revealing(this.camera_, this.renderer.size, box))
  }

  zoomBy(direction: 1 | -1): void {
    this.zoomTo(stepZoom(this.camera_.zoom, direction))
  }

  /** Zooms about the middle of the view. */
  zoomTo(zoom: number): void {
    const { width, height } = this.renderer.size
    this.setCamera(zoomAbout(this.camera_, screen(width / 2, height / 2), zoom))
  }

  /** Shows everything there is, or what is in a box. */
  fit(box?: Box): void {
    const bounds = box ?? this.scene.bounds()
    const { size } = this.renderer
    this.setCamera(bounds ? fit(bounds, size) : centred(world(0, 0), size, 1))
  }

  /** The world box in the middle of the view in which a picture of so many pixels fits. */
  placeFor(width: number, height: number): { at: [number, number]; size: [number, number] } {
    const view = visible(this.camera_, this.renderer.size)
    const share = 0.8
    const scale = Math.min(
      (share * (view.maxX - view.minX)) / width,
      (share * (view.maxY - view.minY)) / height,
      1 / this.camera_.zoom,
    )
    const [w, h] = [width * scale, height * scale]
    return { at: [(view.minX + view.maxX - w) / 2, (view.minY + view.maxY - h) / 2], size: [w, h] }
  }

  /** What the renderer knows of itself, for benchmarks. */
  stats(): RendererStats {
    return this.renderer.stats()
  }

  /** The place on the plane under a point of the canvas, and back. */
  toWorld(on: Screen): World {
    return toWorld(this.camera_, on)
  }

  toScreen(at: World): Screen {
    return toScreen(this.camera_, at)
  }

  stop(): void {
    this.cancel()
    this.writing_?.editor.finish()
    for (const end of this.ends) end()
    this.input.stop()
    this.renderer.stop()
    this.scene.stop()
    this.listeners.clear()
  }

  private get mayEdit(): boolean {
    return (this.o.session.role ?? this.o.assumedRole) === 'editor'
  }

  private get current(): Tool {
    return this.override_ ?? this.tool_
  }

  /** What work wants of the view. */
  private hands(): Hands {
    return {
      select: (ids) => this.selection.set(ids),
      hint: (hint) => (this.renderer.hint = hint),
      cursor: (cursor) => {
        this.cursor = cursor
        this.showPointer()
      },
      write: (id, props) => this.write(id, props),
      pickImage: (at) => this.events.emit('pick-image', { at }),
      comment: (place) => this.events.emit('comment', place),
      laser: (places) => this.laser(places),
      made: () => {
        if (!this.keepTool && !KEPT.includes(this.toolName)) this.putDown()
      },
    }
  }

  private sink(): PointerSink {
    const view = this
    return {
      gesture: (gesture) => this.gesture(gesture),
      pan: (dx, dy) => this.setCamera(pan(this.camera_, dx, dy)),
      zoom: (factor, about) => this.setCamera(zoomAbout(this.camera_, about, this.camera_.zoom * factor)),
      pinch: (from, to) => this.pinch(from, to),
      hover: (on, pointer, mods) => this.hover(on, pointer, mods),
      at: (on) => this.point(on),
      panning: (on) => {
        this.panning_ = on
        this.showPointer()
      },
      menu: (on) => this.menu(on),
      tap: (fingers) => this.mayEdit && this.step(fingers === 2 ? 'undo' : 'redo'),
      pen: () => (this.penMode = true),
      get followsEdge() {
        return view.current.isBusy && !view.current.isPanning && !view.override_ && !STEADY.includes(view.toolName)
      },
    }
  }

  private gesture(gesture: Gesture): void {
    switch (gesture.type) {
      case 'down':
        this.begin(gesture)
        break
      case 'move': {
        const places = gesture.samples.map((sample) => this.placeOf(sample))
        const predicted = gesture.predicted.map((sample) => this.placeOf(sample))
        this.handle({ type: 'move', places, predicted, mods: gesture.mods })
        break
      }
      case 'hold':
        this.handle(gesture)
        break
      default:
        this.handle(gesture)
        this.override_ = undefined
    }
    this.showPointer()
  }

  private begin({ sample, mods, pointer, end, clicks }: Extract<Gesture, { type: 'down' }>): void {
    if (!this.mayEdit) this.override_ = take('hand')
    else if (end !== 'tip') this.override_ = take(end === 'eraser' ? 'eraser' : 'select')
    this.renderer.pointer = pointer
    this.renderer.brushAt(null)
    this.handle({ type: 'down', place: this.placeOf(sample), mods, pointer, clicks })
  }

  private handle(event: ToolEvent): void {
    this.run(this.current.handle(event, this.board))
  }

  /** Back to selecting, with what is selected. */
  private putDown(): void {
    this.toolName = 'select'
    this.tool_ = take('select')
    this.override_ = undefined
    this.cursor = ''
    this.showPointer()
    this.notify()
  }

  private write(id: RecordId, made: Patch | undefined): void {
    if (!this.mayEdit) return
    this.writing_?.editor.finish()
    // At once if it can be, as a phone shows its keyboard only in answer to a touch.
    if (this.editors) this.open(this.editors, id, made)
    else void this.loadEditor().then((editors) => this.open(editors, id, made))
  }

  private async loadEditor(): Promise<typeof import('./writing')> {
    return (this.editors ??= await import('./writing'))
  }

  private open({ TextEditor, Writing }: typeof import('./writing'), id: RecordId, made: Patch | undefined): void {
    const { session, host, writingLabel } = this.o
    this.writing_ = new Writing(
      {
        ...{ session, scene: this.scene, renderer: this.renderer },
        open: (o) => new TextEditor({ ...o, host, label: writingLabel(), camera: () => this.camera_, css: (color) => this.renderer.css(color) }),
        done: (shape, isThere, isLost) => this.written(shape, isThere, isLost),
      },
      id,
      made && { ...made, ...(this.layer !== null && { layer: this.layer }) },
    )
    this.renderer.isWriting = true
    this.notify()
  }

  private written(id: RecordId, isThere: boolean, isLost: boolean): void {
    this.writing_ = undefined
    this.renderer.isWriting = false
    if (isThere) this.selection.set([id])
    if (isLost) this.events.emit('lost', { shape: id })
    if (!this.keepTool && !KEPT.includes(this.toolName)) this.putDown()
    this.notify()
  }

  private laser(places: readonly Place[]): void {
    this.o.session.live.sendLaser(places.map(({ at }) => at))
    this.renderer.point(places.map(({ at }) => at))
  }

  private pinch(from: readonly [Screen, Screen], to: readonly [Screen, Screen]): void {
    const [a, b] = [middle(...from), middle(...to)]
    const factor = distance(...to) / Math.max(distance(...from), 1)
    const moved = pan(this.camera_, b.x - a.x, b.y - a.y)
    this.setCamera(zoomAbout(moved, b, moved.zoom * factor))
  }

  private hover(on: Screen | null, pointer: Pointer, mods: Modifiers): void {
    if (!this.mayEdit) return
    const isInk = this.toolName === 'pen' || this.toolName === 'highlighter'
    this.renderer.brushAt(on && pointer === 'pen' && isInk ? { on, style: this.style_ } : null)
    if (!on) return this.o.session.live.sendCursor(null)
    this.renderer.pointer = pointer
    this.handle({ type: 'hover', place: this.placeOf({ on }), mods })
  }

  private point(on: Screen): void {
    if (this.mayEdit) this.o.session.live.sendCursor(toWorld(this.camera_, on))
  }

  /** What the menu is about is selected. */
  private menu(on: Screen): void {
    this.finish()
    const at = toWorld(this.camera_, on)
    const radius = MENU_REACH / this.camera_.zoom
    const shape = (this.board.hit(at, radius) ?? this.scene.topmost(at, radius, () => true))?.id
    if (this.mayEdit && shape !== undefined && !this.selection.has(shape)) this.selection.set(this.board.unit(shape))
    else if (this.mayEdit && shape === undefined) this.selection.clear()
    this.events.emit('menu', { on, at, shape })
  }

  /** By fingers; whoever shows what undo did listens, else it is simply done. */
  private step(which: 'undo' | 'redo'): void {
    this.cancel()
    if (this.events.has(which)) this.events.emit(which, undefined)
    else this.o.session.document.history[which]()
  }

  private placeOf({ on, pressure }: Sample): Place {
    const at = toWorld(this.camera_, on)
    return pressure === undefined ? { at, on } : { at, on, pressure }
  }

  private run(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.do === 'pan') this.setCamera(pan(this.camera_, effect.dx, effect.dy))
      else this.work.perform(effect)
    }
  }

  private setCamera(camera: Camera): void {
    this.camera_ = camera
    this.renderer.camera = camera
    this.writing_?.editor.place()
    this.notify()
  }

  /** Shows what has come of a large board, if nothing stands in for it. */
  private arrived(shapes: readonly Shape[]): void {
    if (this.placed || !(this.hasGlimpse || (this.opened === undefined && shapes.length >= LARGE))) return
    if (!this.hasGlimpse) this.setCamera((this.opened = opening(around(shapes), this.renderer.size)))
    this.hasGlimpse = true
    this.renderer.show(shapes)
  }

  private sessionChanged(): void {
    this.renderer.refreshCursors()
    this.showPointer()
    if (this.placed || !this.o.session.loaded) return
    this.placed = true
    this.renderer.begin()
    const bounds = this.scene.bounds()
    const { size } = this.renderer
    const hasMoved = this.opened !== undefined && this.opened !== this.camera_
    if (bounds && !this.work.isBusy && !hasMoved && !contains(visible(this.camera_, size), bounds)) this.fit()
  }

  private showPointer(): void {
    const { dataset, style } = this.o.host
    const hand = this.panning_ || !this.mayEdit
    const pointer = hand ? 'hand' : this.toolName
    const busy = String(this.isBusy)
    const cursor = hand ? '' : this.cursor
    if (dataset['pointer'] !== pointer) dataset['pointer'] = pointer
    if (dataset['busy'] !== busy) dataset['busy'] = busy
    if (style.cursor !== cursor) style.cursor = cursor
    this.renderer.hasHandles = this.mayEdit && !this.current.isBusy && (this.toolName === 'select' || this.toolName === 'lasso')
  }

  private notify(): void {
    for (const fn of [...this.listeners]) fn()
  }
}

function around(shapes: readonly Shape[]): Box | undefined {
  return shapes.reduce<Box | undefined>((all, { box }) => union(all, box), undefined)
}
