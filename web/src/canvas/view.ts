import type { RecordId, Role, Unsubscribe } from '../board/types'
import { centred, fit, pan, stepZoom, toWorld, visible, zoomAbout, type Camera } from '../geometry/camera'
import { contains, type Box } from '../geometry/box'
import { distance, middle, screen, world, type Screen } from '../geometry/point'
import type { Session } from '../sync/session'
import { take, type Board, type Effect, type Modifiers, type Place, type Tool, type ToolName } from '../tools'
import { newRecordId, systemRandom } from '../board/ids'
import { keyBetween, keysBetween } from '../board/order'
import { Selection } from '../editor/selection'
import { PointerInput, type Gesture, type PointerSink, type Sample } from './input'
import type { Look } from './cursors'
import type { Theme } from './palette'
import { Renderer } from './renderer'
import { Scene } from './scene'
import { Work, type Style } from './work'

export type { Style } from './work'

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
}

/**
 * A board on the screen and in the hand: shows the session's document and carries out what tools want.
 * Without an editor's role it only shows.
 */
export class BoardView {
  readonly scene: Scene
  private readonly renderer: Renderer
  private readonly input: PointerInput
  private readonly listeners = new Set<() => void>()
  private readonly ends: Unsubscribe[] = []
  private tool_: Tool
  private toolName: ToolName
  /** The tool of the pen's other end, while it is used. */
  private override_: Tool | undefined
  private style_: Style
  private camera_: Camera
  private readonly work: Work
  readonly selection = new Selection()
  private readonly board = this.newBoard()
  private placed = false
  private panning_ = false

  constructor(private readonly o: BoardViewOptions) {
    this.toolName = o.tool
    this.tool_ = take(o.tool)
    this.style_ = o.style
    this.scene = new Scene(o.session.document)
    const { clientWidth: width, clientHeight: height } = o.host
    this.camera_ = centred(world(0, 0), { width, height }, 1)
    this.renderer = new Renderer({ ...o, scene: this.scene, live: o.session.live, camera: this.camera_ })
    this.work = new Work({ session: o.session, scene: this.scene, renderer: this.renderer, board: this.board, zoom: () => this.camera_.zoom })
    this.input = new PointerInput(o.host, this.sink())
    this.ends.push(o.session.subscribe(() => this.sessionChanged()))
    this.sessionChanged()
    this.showPointer()
  }

  get camera(): Camera {
    return this.camera_
  }

  get tool(): ToolName {
    return this.toolName
  }

  set tool(name: ToolName) {
    this.cancel()
    this.toolName = name
    this.tool_ = take(name)
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

  /** Calls `fn` after tool or camera have changed. */
  subscribe(fn: () => void): Unsubscribe {
    this.listeners.add(fn)
    return () => this.listeners.delete(fn)
  }

  /** Gives up the gesture under way; returns whether there was one. */
  cancel(): boolean {
    const { current } = this
    if (!current.isBusy) return false
    this.run(current.handle({ type: 'cancel' }, this.board))
    return true
  }

  /** A modifier key went down or up. */
  modify(mods: Modifiers): void {
    this.run(this.current.handle({ type: 'mods', mods }, this.board))
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

  /** Deletes every shape; one undo entry. Returns which. */
  clear(): RecordId[] {
    const ids = this.scene.all().map(({ id }) => id)
    this.o.session.document.edit(ids.map((id) => [id, { deleted: true }]))
    return ids
  }

  /** Brings shapes back. */
  restore(ids: readonly RecordId[]): void {
    this.o.session.document.edit(ids.map((id) => [id, { deleted: false }]))
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

  stop(): void {
    this.cancel()
    for (const end of this.ends) end()
    this.input.stop()
    this.renderer.stop()
    this.scene.stop()
    this.listeners.clear()
  }

  /** What tools see of it all. */
  private newBoard(): Board {
    const view = this
    return {
      get zoom() {
        return view.camera_.zoom
      },
      get selection() {
        return view.selection.ids
      },
      get style() {
        return view.style_
      },
      get view() {
        return visible(view.camera_, view.renderer.size)
      },
      snap: { objects: false, grid: undefined },
      newKey: () => keyBetween(view.scene.topKey, null, systemRandom),
      newKeys: (count) => keysBetween(view.scene.topKey, null, count, systemRandom),
      newId: () => newRecordId(),
      get: (id) => view.scene.get(id),
      hit: (at, radius) => view.scene.touching({ a: at, b: at }, radius).at(-1),
      within: (box) => view.scene.within(box),
      unit: (id) => [id],
      children: (frame) => view.scene.all().filter(({ props }) => props['frame'] === frame),
    }
  }

  private get mayEdit(): boolean {
    return (this.o.session.role ?? this.o.assumedRole) === 'editor'
  }

  private get current(): Tool {
    return this.override_ ?? this.tool_
  }

  private sink(): PointerSink {
    return {
      gesture: (gesture) => this.gesture(gesture),
      pan: (dx, dy) => this.setCamera(pan(this.camera_, dx, dy)),
      zoom: (factor, about) => this.setCamera(zoomAbout(this.camera_, about, this.camera_.zoom * factor)),
      pinch: (from, to) => this.pinch(from, to),
      hover: (on) => this.hover(on),
      panning: (on) => {
        this.panning_ = on
        this.showPointer()
      },
    }
  }

  private gesture(gesture: Gesture): void {
    switch (gesture.type) {
      case 'down':
        if (!this.mayEdit) this.override_ = take('hand')
        else if (gesture.eraser) this.override_ = take('eraser')
        this.run(this.current.handle({ type: 'down', place: this.placeOf(gesture.sample), mods: gesture.mods }, this.board))
        break
      case 'move': {
        const places = gesture.samples.map((sample) => this.placeOf(sample))
        const predicted = gesture.predicted.map((sample) => this.placeOf(sample))
        this.run(this.current.handle({ type: 'move', places, predicted, mods: gesture.mods }, this.board))
        break
      }
      default:
        this.run(this.current.handle(gesture, this.board))
        this.override_ = undefined
    }
    this.showPointer()
  }

  private pinch(from: readonly [Screen, Screen], to: readonly [Screen, Screen]): void {
    const [a, b] = [middle(...from), middle(...to)]
    const factor = distance(...to) / Math.max(distance(...from), 1)
    const moved = pan(this.camera_, b.x - a.x, b.y - a.y)
    this.setCamera(zoomAbout(moved, b, moved.zoom * factor))
  }

  private hover(on: Screen | null): void {
    if (!this.mayEdit) return
    this.o.session.live.sendCursor(on && toWorld(this.camera_, on))
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
    this.notify()
  }

  private sessionChanged(): void {
    this.renderer.refreshCursors()
    this.showPointer()
    if (this.placed || !this.o.session.loaded) return
    this.placed = true
    const bounds = this.scene.bounds()
    const { size } = this.renderer
    if (bounds && !this.work.isBusy && !contains(visible(this.camera_, size), bounds)) this.fit()
  }

  private showPointer(): void {
    const { dataset } = this.o.host
    const hand = this.panning_ || !this.mayEdit
    dataset['pointer'] = hand ? 'hand' : this.toolName
    dataset['busy'] = String(this.current.isBusy || this.panning_)
  }

  private notify(): void {
    for (const fn of [...this.listeners]) fn()
  }
}
