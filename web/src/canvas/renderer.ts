import type { Patch, RecordId, Unsubscribe } from '../board/types'
import type { Box } from '../geometry/box'
import type { Style } from '../editor/style'
import type { Camera, Size } from '../geometry/camera'
import type { Screen, World } from '../geometry/point'
import { onFont } from '../shapes/webfonts'
import type { Live, Spot } from '../sync/live'
import type { LaserLayer } from './laser'
import { Cursors, type Look } from './cursors'
import { Drafts } from './drafts'
import { Glimpse } from './glimpse'
import { Grid } from './grid'
import { Lift } from './lift'
import { Loop, type Layer } from './loop'
import type { Overlay, OverlayModel } from './overlay'
import type { Selection } from '../editor/selection'
import { NO_HINT, type Hint, type Pointer } from '../tools'
import type { Shape } from '../shapes'
import { cssColor, type Theme } from './palette'
import { inPause } from './pause'
import { Pace } from './pace'
import { LatePictures } from './latepictures'
import type { Scene } from './scene'
import { SketchLayer, sketchOf, type Sketch } from './sketches'
import { penOf, type BrushKit, type Projection } from './surface'
import { Tiles, type View } from './tiles'

/** How many points of one's own laser are shown at most. */
const MOST_SPOTS = 2000
/** How long after something was done here tiles are painted without pause, and the overview is not, in ms. */
const HURRY = 500
/** Ms of a pause that may go into what is not in view: as much of a frame as into what is. */
const AHEAD = 10
/** How long after a change by others the next one is expected, in ms. */
const GO_ON = 1000
/** How often what has come of a board is shown while it is on its way, in ms. */
const GLIMPSE = 200
/** The colour of one's own laser, as long as one has none of one's own. */
const LASER = '#f03e3e'
/** More device pixels per CSS pixel than this can't be seen. */
const MAX_DPR = 2

export interface RendererOptions {
  /** An empty, positioned element; the canvases go into it and take its size. */
  readonly host: HTMLElement
  readonly scene: Scene
  readonly live: Live
  readonly theme: Theme
  readonly camera: Camera
  readonly selection: Selection
  look(user: RecordId): Look
  /** Who we are, as far as we know. */
  self(): RecordId | undefined
  assetUrl(asset: string): string
}

export interface RendererStats {
  /** The share of visible tiles that are not final, 0 to 1. */
  readonly provisional: number
  readonly tileBytes: number
  /** How many frames have been drawn. */
  readonly frames: number
}

/**
 * Draws the board: grid, tiles, what others are drawing, one's own wet ink, others' cursors. The only
 * place that knows the order of the layers.
 */
export class Renderer {
  private readonly grid = new Grid()
  private readonly cursorHost = document.createElement('div')
  private readonly brush = document.createElement('div')
  private readonly base = document.createElement('canvas')
  private readonly active: SketchLayer
  private readonly ink: SketchLayer
  private readonly tiles: Tiles
  private readonly kit: BrushKit
  private glimpse: { readonly picture: Glimpse; shown: number } | undefined
  private readonly drafts: Drafts
  private readonly lift: Lift
  private readonly cursors: Cursors
  /** Fetched by `prepare`. */
  private overlay: Overlay | undefined
  private readonly loop: Loop
  private readonly ends: Unsubscribe[] = []
  private readonly calm = matchMedia('(prefers-reduced-motion: reduce)')
  /** What is in the document already but not yet in all visible tiles. */
  private readonly held = new Map<RecordId, Sketch>()
  private wet: Sketch | undefined
  /** The records that the wet ink shows: they stay out of the tiles until it is done. */
  private readonly wetIds = new Set<RecordId>()
  private hint_: Hint = NO_HINT
  /** What points, or pointed last. */
  private pointer_: Pointer = 'mouse'
  private hasHandles_ = true
  private isWriting_ = false
  private readonly ownTrail: Spot[] = []
  private laser: LaserLayer | undefined
  private frames = 0
  private theme_: Theme
  private view_: View
  private later: ReturnType<typeof setTimeout> | undefined
  /** Gives up the painting of what is not in view, which waits for a pause; before that it may wait for this. */
  private endAhead: (() => void) | undefined
  private aheadLater: ReturnType<typeof setTimeout> | undefined
  private readonly pace = new Pace()
  /** Until then tiles are painted without pause: whoever works here has moved or changed something. */
  private hurries = 0
  /** Until then others are taken to go on changing the board. */
  private othersGoOn = 0

  constructor(private readonly o: RendererOptions) {
    const { scene, live } = o
    this.theme_ = o.theme
    const css = (color: string) => cssColor(color, this.theme_)
    const image = (asset: string) => pictures.get(asset)
    const kit: BrushKit = (this.kit = { brush: (pen, scale) => ({ pen, scale, css, image }) })
    const pictures = new LatePictures(o.assetUrl, (asset) => this.changed(scene.showing(asset)))
    this.ends.push(() => pictures.stop())
    this.lift = new Lift({ scene, drafts: () => live.drafts })
    this.tiles = new Tiles({ scene, kit, pictures, isLifted: (id) => this.lift.has(id) || this.wetIds.has(id) })
    this.active = layerOf('active', kit)
    this.ink = layerOf('ink', kit, { desynchronized: true })
    const isCalm = () => this.calm.matches
    this.drafts = new Drafts({ drafts: () => live.drafts, isCalm })
    this.cursors = new Cursors({ host: this.cursorHost, cursors: () => live.cursors, look: o.look, isCalm })
    this.loop = new Loop((dirty, time) => this.draw(dirty, time))
    this.view_ = { camera: o.camera, size: { width: 0, height: 0 }, dpr: 1 }
    this.mount()
    this.listen()
    this.resize()
  }

  get view(): View {
    return this.view_
  }

  get size(): Size {
    return this.view_.size
  }

  set camera(camera: Camera) {
    this.view_ = { ...this.view_, camera }
    this.moved()
  }

  set theme(theme: Theme) {
    this.theme_ = theme
    if (this.overlay) this.overlay.theme = theme
    this.tiles.reset()
    this.moved()
  }

  /** A picture of the whole board, if there is one, and its place on the plane. */
  get picture(): Tiles['overviewPicture'] {
    return this.tiles.overviewPicture
  }

  /** Shows a picture of the board until its shapes are there. */
  standIn(canvas: HTMLCanvasElement, place: Projection): void {
    this.tiles.standIn(canvas, place)
    this.loop.mark('tiles')
  }

  /** Shows shapes of a board that is still on its way, now and then. */
  show(shapes: readonly Shape[]): void {
    const now = performance.now()
    this.glimpse ??= { picture: new Glimpse(this.view_, this.kit), shown: -Infinity }
    const { picture, shown } = this.glimpse
    picture.add(shapes, () => performance.now())
    if (now - shown < GLIMPSE) return
    this.glimpse.shown = now
    this.standIn(picture.canvas, picture.projection)
  }

  /** The shapes are there. */
  begin(): void {
    this.glimpse = undefined
    this.tiles.begin()
    this.loop.mark('tiles')
  }

  /** What is shown above the shapes during a gesture. */
  set hint(hint: Hint) {
    if (hint === this.hint_) return
    this.hint_ = hint
    this.loop.mark('overlay')
  }

  /** Shows what the pen would draw where it hovers; null: nothing. */
  brushAt(brush: { readonly on: Screen; readonly style: Style } | null): void {
    const { style } = this.brush
    this.brush.hidden = brush === null
    if (!brush) return
    const size = Math.max(brush.style.width * this.view_.camera.zoom, 3)
    style.width = style.height = `${size}px`
    style.background = cssColor(brush.style.color, this.theme_)
    style.transform = `translate(${brush.on.x - size / 2}px, ${brush.on.y - size / 2}px)`
  }

  /** While a text is written, the selection is not shown: the field shows where one is. */
  set isWriting(on: boolean) {
    this.isWriting_ = on
    this.loop.mark('overlay')
  }

  /** The laser is at places in world units now. */
  point(places: readonly World[]): void {
    const now = Date.now()
    this.ownTrail.push(...places.map(({ x, y }) => ({ x, y, time: now })))
    this.ownTrail.splice(0, this.ownTrail.length - MOST_SPOTS)
    this.loop.mark('laser')
  }

  /** The CSS colour of a palette name or #rrggbb under the theme. */
  css(color: string): string {
    return cssColor(color, this.theme_)
  }

  /** What points, for the size of handles. */
  set pointer(pointer: Pointer) {
    if (pointer === this.pointer_) return
    this.pointer_ = pointer
    this.loop.mark('overlay')
  }

  /** Whether the selection can be changed by handles now. */
  set hasHandles(on: boolean) {
    if (on === this.hasHandles_) return
    this.hasHandles_ = on
    this.loop.mark('overlay')
  }

  /** Shows these records with other properties than they have, or records that are not there yet; none: as they are. */
  preview(edits: readonly (readonly [RecordId, Patch])[]): void {
    this.lift.edits = edits
    this.loop.mark('active', 'overlay')
  }

  /** A record as it is shown now: with its preview. */
  shown(id: RecordId): Patch | undefined {
    return this.lift.props(id)
  }

  /** Shows the ink that is being drawn here into a record, at once; undefined: none. */
  setWet(sketch: Sketch | undefined, id?: RecordId): void {
    this.wet = sketch
    if (id === undefined) this.wetIds.clear()
    else this.wetIds.add(id)
    this.ink.draw(this.view_, sketch ? [sketch] : [])
    // What had to wait for the hand goes on.
    if (!sketch) this.loop.mark('tiles')
  }

  /** What was wet is in the document: shows it until the tiles do. */
  settle(): void {
    const { scene } = this.o
    const ids = [...this.wetIds]
    this.wetIds.clear()
    for (const id of ids) {
      const shape = scene.get(id)
      if (!shape) continue
      this.held.set(id, this.wet!)
      if (ids.length === 1 && scene.isOnTop(shape)) this.tiles.stamp(shape)
      else this.changed([shape.box])
    }
    this.wet = undefined
    this.loop.mark('tiles', 'active', 'ink')
  }

  /** The people's names have changed. */
  refreshCursors(): void {
    this.loop.mark('cursors')
  }

  /** What the renderer knows of itself, for benchmarks. */
  stats(): RendererStats {
    return { ...this.tiles.stats(this.view_), frames: this.frames }
  }

  stop(): void {
    this.loop.stop()
    clearTimeout(this.later)
    clearTimeout(this.aheadLater)
    this.endAhead?.()
    for (const end of this.ends) end()
    this.cursors.stop()
    this.o.host.replaceChildren()
  }

  private mount(): void {
    this.base.className = 'layer tiles'
    this.cursorHost.className = 'layer cursors'
    this.brush.className = 'brush'
    this.brush.hidden = true
    this.cursorHost.append(this.brush)
    this.o.host.append(this.grid.element, this.base, this.active.canvas, this.ink.canvas, this.cursorHost)
  }

  private listen(): void {
    const { host, scene, live } = this.o
    const observer = new ResizeObserver(() => this.resize())
    observer.observe(host)
    const onHide = () => document.hidden && this.tiles.trim()
    document.addEventListener('visibilitychange', onHide)
    this.ends.push(
      () => observer.disconnect(),
      () => document.removeEventListener('visibilitychange', onHide),
      this.watchDpr(),
      live.subscribe(() => this.loop.mark('active', 'overlay', 'cursors', ...(live.trails.size > 0 ? (['laser'] as const) : []))),
      this.o.selection.subscribe(() => this.loop.mark('overlay')),
      onFont(() => {
        this.tiles.reset()
        this.moved()
      }),
      scene.subscribe(({ dirty, onTop, only, isRemote }) => {
        if (this.wetIds.has(only!)) return
        if (onTop) this.tiles.stamp(onTop)
        const isCalm = isRemote && this.lift.isIdle && this.held.size === 0
        if (isCalm) this.changedByOthers(onTop ? [] : dirty)
        else this.changed(onTop ? [] : dirty)
      }),
    )
  }

  /** A window that moves to another screen keeps its size but not its pixels. */
  private watchDpr(): Unsubscribe {
    let end: Unsubscribe = () => undefined
    const watch = () => {
      const query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`)
      const onChange = () => {
        this.resize()
        watch()
      }
      end()
      query.addEventListener('change', onChange, { once: true })
      end = () => query.removeEventListener('change', onChange)
    }
    watch()
    return () => end()
  }

  private changed(dirty: readonly Box[] | undefined): void {
    this.hurry()
    this.tiles.invalidate(dirty)
    this.loop.mark('tiles', 'active', 'overlay')
  }

  /** Shown at once, unless others change so much that it would take the time of whoever works here. */
  private changedByOthers(dirty: readonly Box[] | undefined): void {
    this.othersGoOn = performance.now() + GO_ON
    this.tiles.invalidate(dirty)
    if (this.o.selection.size > 0 || this.o.live.selections.size > 0 || this.hint_ !== NO_HINT) this.loop.mark('overlay')
    this.whenTime()
  }

  private whenTime(): void {
    const wait = this.pace.wait(performance.now())
    if (wait > 0) this.later ??= setTimeout(() => this.loop.mark('tiles'), wait)
    else this.loop.mark('tiles')
  }

  private hurry(): void {
    this.hurries = performance.now() + HURRY
  }

  private moved(): void {
    this.active.invalidate()
    this.ink.invalidate()
    this.grid.place(this.view_, this.theme_)
    this.hurry()
    this.loop.mark('tiles', 'active', 'ink', 'overlay', 'cursors')
    if (this.laser) this.loop.mark('laser')
  }

  private resize(): void {
    const { clientWidth: width, clientHeight: height } = this.o.host
    const dpr = Math.min(Math.max(devicePixelRatio, 1), MAX_DPR)
    this.view_ = { ...this.view_, size: { width, height }, dpr }
    for (const canvas of [this.base, this.active.canvas, this.ink.canvas]) {
      canvas.width = Math.max(1, Math.round(width * dpr))
      canvas.height = Math.max(1, Math.round(height * dpr))
    }
    // A canvas that changes its size is blank; the next frame may be too late.
    this.tiles.compose(penOf(this.base), this.view_)
    this.moved()
  }

  private draw(dirty: ReadonlySet<Layer>, time: number): Layer[] {
    this.frames++
    const next: Layer[] = []
    if (dirty.has('active')) this.updateLift()
    if (dirty.has('tiles') && this.drawTiles()) next.push('tiles')
    if (dirty.has('tiles') || dirty.has('active')) {
      if (this.drawActive(time)) next.push('active')
    }
    if (dirty.has('ink')) this.ink.draw(this.view_, this.wet ? [this.wet] : [])
    if (dirty.has('laser') && this.drawLaser()) next.push('laser')
    if (dirty.has('overlay')) this.overlay?.draw(this.view_, this.overlayModel())
    if (dirty.has('cursors') && this.cursors.draw(this.view_.camera, time)) next.push('cursors')
    return next
  }

  private drawTiles(): boolean {
    const start = performance.now()
    const state = this.tiles.paint(this.view_, () => performance.now(), this.wet !== undefined)
    for (const id of this.held.keys()) {
      if (this.lift.has(id)) this.held.delete(id)
      const shape = this.o.scene.get(id)
      if (!shape || this.tiles.isClean(this.view_, shape.box)) this.held.delete(id)
    }
    this.tiles.compose(penOf(this.base), this.view_)
    const end = performance.now()
    const isPaced = this.isPaced(end)
    if (isPaced) this.pace.spend(end - start, end)
    return this.goOn(state, isPaced)
  }

  /** Sees to it that what is left is painted; returns whether that is to be in the next frame. */
  private goOn(state: ReturnType<Tiles['paint']>, isPaced: boolean): boolean {
    clearTimeout(this.later)
    this.later = undefined
    if (state === 'later') this.later = setTimeout(() => this.loop.mark('tiles'), 60)
    // While others go on, it is looked now and then what is to be done out of view.
    if (state === 'ahead' && isPaced) this.aheadAfter(HURRY)
    else if (state === 'ahead') this.ahead()
    if (state !== 'changes' || !isPaced) return state === 'changes' || state === 'missing'
    this.whenTime()
    return false
  }

  /** Whether what others change is all that is to be painted. */
  private isPaced(now: number): boolean {
    return now >= this.hurries && now < this.othersGoOn
  }

  /** Paints what is not in view in the page's pauses: frames are for what is seen. */
  private ahead(): void {
    this.endAhead ??= inPause((end) => {
      this.endAhead = undefined
      // Once the hand is done, all tiles are looked at.
      if (this.wet) return
      const start = performance.now()
      const isResting = start >= this.hurries
      const isPaced = this.isPaced(start)
      const wait = isPaced ? this.pace.wait(start) : 0
      if (wait > 0) return this.aheadAfter(wait)
      const isDone = this.tiles.paintAhead(this.view_, () => performance.now(), end, isResting)
      const now = performance.now()
      if (isPaced) this.pace.spend(now - start, now)
      if (!isDone) this.ahead()
      else if (!isResting) this.aheadAfter(HURRY)
    }, AHEAD)
  }

  private aheadAfter(ms: number): void {
    this.aheadLater ??= setTimeout(() => {
      this.aheadLater = undefined
      this.ahead()
    }, ms)
  }

  private drawActive(time: number): boolean {
    for (const [id, sketch] of this.drafts.update(time)) this.hold(id, sketch)
    const behind = this.drafts.advance(time)
    this.active.draw(this.view_, [...this.held.values(), ...this.lift.sketches, ...this.drafts.sketches()])
    return behind
  }

  /** What is lifted leaves the tiles; what is not any more is held until they show it again. */
  private updateLift(): void {
    const { dirty, ended } = this.lift.update()
    if (dirty.length > 0) this.changed(dirty)
    for (const id of ended) {
      const shape = this.o.scene.get(id)
      if (shape) this.hold(id, sketchOf(shape))
    }
  }

  /** Returns whether a trail is still to be seen. */
  private drawLaser(): boolean {
    if (!this.laser) {
      void this.loadLaser()
      return false
    }
    const { live, look, self } = this.o
    const me = self()
    const own = { spots: this.ownTrail, color: me === undefined ? LASER : look(me).color }
    const theirs = [...live.trails.values()].map(({ user, spots }) => ({ spots, color: look(user).color }))
    return this.laser.draw(this.view_, [own, ...theirs], Date.now())
  }

  private async loadLaser(): Promise<void> {
    const { LaserLayer } = await import('./laser')
    if (this.laser) return
    this.laser = new LaserLayer()
    this.cursorHost.before(this.laser.canvas)
    this.loop.mark('laser')
  }

  /** Fetches what shows selections. */
  async prepare(): Promise<void> {
    const [{ Overlay }, { inBlocks }] = await Promise.all([import('./overlay'), import('./block')])
    if (this.overlay) return
    this.lift.inBlocks = inBlocks
    this.overlay = new Overlay(this.theme_)
    this.ink.canvas.after(this.overlay.canvas)
    this.loop.mark('overlay')
  }

  private overlayModel(): OverlayModel {
    const { selection, live, look } = this.o
    const shown = (ids: Iterable<RecordId>) => [...ids].map((id) => this.lift.shape(id)).filter((shape) => shape !== undefined)
    const { target } = this.hint_
    return {
      selected: this.isWriting_ ? [] : shown(selection.ids),
      hasHandles: this.hasHandles_,
      pointer: this.pointer_,
      hint: this.hint_,
      target: target === undefined ? undefined : this.lift.shape(target),
      remote: [
        ...[...live.selections.values()].map(({ user, ids }) => ({ ...look(user), boxes: shown(ids).map(boxAndTurn) })),
        ...[...live.typing.values()].map(({ user, id }) => ({ ...look(user), name: `✎ ${look(user).name}`, boxes: shown([id]).map(boxAndTurn) })),
      ],
    }
  }

  /** A draft that ended has been committed, then its record is there, or given up. */
  private hold(id: RecordId, sketch: Sketch): void {
    const shape = this.o.scene.get(id)
    if (shape && !this.tiles.isClean(this.view_, shape.box)) this.held.set(id, sketch)
  }
}

function boxAndTurn({ frame: box, rotation }: Shape) {
  return { box, rotation }
}

function layerOf(name: string, kit: BrushKit, options?: CanvasRenderingContext2DSettings) {
  const canvas = document.createElement('canvas')
  canvas.className = `layer ${name}`
  const pen = canvas.getContext('2d', options)
  if (!pen) throw new Error('this browser has no canvas')
  return new SketchLayer(canvas, pen, kit)
}
