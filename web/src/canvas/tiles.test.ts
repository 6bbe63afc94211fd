import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { Document } from '../board/document'
import type { Patch } from '../board/types'
import type { Shape } from '../shapes'
import { Scene } from './scene'
import type { BrushKit } from './surface'
import { TILE } from './tilegrid'
import { Tiles, type View } from './tiles'

/** A canvas that knows the colours that were painted on it, lowest first. */
class FakeCanvas {
  width = 300
  height = 150
  readonly pen = new FakePen(this)

  getContext(): FakePen {
    return this.pen
  }
}

/** What was copied to a canvas from another one, and where to. */
interface Copy {
  readonly colors: readonly string[]
  readonly left: number
  readonly top: number
}

class FakePen {
  colors: string[] = []
  copies: Copy[] = []
  strokeStyle = ''
  fillStyle = ''

  constructor(readonly canvas: FakeCanvas) {}

  stroke(): void {
    this.colors.push(this.strokeStyle)
  }

  fill(): void {
    this.colors.push(this.fillStyle)
  }

  fillRect(): void {
    this.colors.push(this.fillStyle)
  }

  drawImage({ pen }: FakeCanvas, ...[, , , , left, top]: number[]): void {
    if (left !== undefined) this.copies.push({ colors: [...pen.colors], left, top: top! })
  }

  /** These tests wipe whole canvases only. */
  clearRect(): void {
    this.colors = []
    this.copies = []
  }
}

class FakePath {}

for (const name of ['save', 'restore', 'setTransform', 'beginPath', 'closePath', 'moveTo', 'lineTo', 'bezierCurveTo', 'quadraticCurveTo', 'rect', 'clip', 'setLineDash']) {
  Object.assign(FakePen.prototype, { [name]: () => undefined })
}

beforeAll(() => {
  vi.stubGlobal('document', { createElement: () => new FakeCanvas() })
  vi.stubGlobal('Path2D', FakePath)
})
afterAll(() => void vi.unstubAllGlobals())

const kit: BrushKit = { brush: (pen, scale) => ({ pen, scale, css: (color) => color }) }
const view: View = { camera: { x: 0, y: 0, zoom: 1 }, size: { width: 2 * TILE, height: TILE }, dpr: 1 }

let doc: Document
let scene: Scene
let tiles: Tiles
let time: number

beforeEach(() => {
  doc = new Document({ actor: 'actor123', now: () => 1_700_000_000_000 })
  scene = new Scene(doc)
  tiles = tilesOf(scene)
  time = 1e6
})

const tilesOf = (scene: Scene): Tiles => new Tiles({ scene, kit, pictures: { get: () => undefined }, isLifted: () => false })

/** A rectangle whose edges are not near those of tiles, and whose colour tells it from others. */
const rect = (i: number, [x, y, wide, high]: readonly number[]): Patch => ({
  ...{ kind: 'rect', at: [x! * 64 + 20, y! * 64 + 20], size: [24 + wide! * 64, 24 + high! * 64] },
  ...{ color: `#${String(i).padStart(6, '0')}`, width: 2, z: `a${String(i).padStart(4, '0')}V` },
})

/** Puts a shape above all others and stamps it, as the renderer does. */
function add(i: number, place: readonly number[]): Shape {
  doc.edit([[`s${i}`, rect(i, place)]])
  const shape = scene.get(`s${i}`)!
  tiles.stamp(shape)
  return shape
}

/** One frame of work in which every look at the clock takes so many ms. */
const frame = (of: Tiles, ms: number) => of.paint(view, () => (time += ms), false)

/** One pause of work, of 4 ms. */
const pause = (of: Tiles, ms: number, isResting = true) => of.paintAhead(view, () => (time += ms), time + 4, isResting)

/** Paints until nothing in view is missing. */
function finish(of: Tiles): void {
  for (let i = 0; i < 1000; i++) if (!['missing', 'changes'].includes(frame(of, 0.01))) return
  throw new Error('painting has no end')
}

/** Paints all that is painted in pauses; returns in how many. */
function finishAhead(of: Tiles, isResting = true): number {
  for (let i = 1; i < 1000; i++) if (pause(of, 0.01, isResting)) return i
  throw new Error('painting has no end')
}

/** What a view shows, tile by tile. */
function shown(of: Tiles): readonly Copy[] {
  const canvas = new FakeCanvas()
  of.compose(canvas.pen as never, view)
  return canvas.pen.copies.filter(({ colors }) => colors.length > 0).sort((a, b) => a.left - b.left || a.top - b.top)
}

describe('a shape that is stamped', () => {
  test('is in the tiles that it reaches, above all others, and in no other', () => {
    doc.edit([['s1', rect(1, [1, 1, 0, 0])], ['s2', rect(2, [10, 1, 0, 0])]])
    finish(tiles)
    add(3, [0, 0, 3, 3])
    expect(shown(tiles)).toEqual([
      { colors: ['#000001', '#000003'], left: 0, top: 0 },
      { colors: ['#000002'], left: TILE, top: 0 },
    ])
  })

  test('is in a tile that was empty', () => {
    finish(tiles)
    expect(shown(tiles)).toEqual([])
    const shape = add(1, [1, 1, 0, 0])
    expect(shown(tiles)).toEqual([{ colors: ['#000001'], left: 0, top: 0 }])
    expect(tiles.stats(view).provisional).toBe(0)
    expect(tiles.isClean(view, shape.box)).toBe(true)
  })

  test('leaves a tile alone that is not painted yet', () => {
    add(1, [1, 1, 0, 0])
    expect([tiles.stats(view), shown(tiles)]).toEqual([{ provisional: 1, tileBytes: 0 }, []])
    finish(tiles)
    expect(shown(tiles)).toEqual([{ colors: ['#000001'], left: 0, top: 0 }])
  })

  test('needs no canvas more in a tile that is being painted', () => {
    doc.edit(Array.from({ length: 40 }, (_, i) => [`s${i}`, rect(i, [1, 1, 0, 0])]))
    frame(tiles, 5)
    const before = tiles.stats(view)
    expect(before).toEqual({ provisional: 1, tileBytes: 4 * TILE * TILE })
    add(40, [1, 1, 0, 0])
    expect(tiles.stats(view)).toEqual(before)
    finish(tiles)
    expect(shown(tiles)[0]!.colors).toHaveLength(41)
  })

  test('is in the picture of the whole board', () => {
    doc.edit(Array.from({ length: 300 }, (_, i) => [`s${i}`, rect(i, [i % 20, Math.floor(i / 20), 0, 0])]))
    finish(tiles)
    finishAhead(tiles)
    const colors = () => (tiles.overviewPicture?.canvas as unknown as FakeCanvas).pen.colors
    expect(colors()).toHaveLength(300)
    add(300, [3, 3, 0, 0])
    expect(colors().slice(299)).toEqual(['#000299', '#000300'])
  })

  test('looks as if it had been painted with the others, whenever it comes', () => {
    const place = fc.tuple(fc.nat(16), fc.nat(7), fc.nat(9), fc.nat(9))
    fc.assert(
      fc.property(fc.array(place, { maxLength: 60 }), fc.array(fc.record({ place, frames: fc.nat(4), pauses: fc.nat(4) }), { minLength: 1, maxLength: 8 }), (before, stamps) => {
        doc = new Document({ actor: 'actor123', now: () => 1_700_000_000_000 })
        scene = new Scene(doc)
        tiles = tilesOf(scene)
        doc.edit(before.map((place, i) => [`s${i}`, rect(i, place)]))
        stamps.forEach(({ place, frames, pauses }, i) => {
          // So slow that a tile takes several frames.
          for (let n = 0; n < frames; n++) frame(tiles, 5)
          for (let n = 0; n < pauses; n++) pause(tiles, 1)
          add(before.length + i, place)
        })
        finish(tiles)
        const fresh = tilesOf(scene)
        finish(fresh)
        expect(shown(tiles)).toEqual(shown(fresh))
      }),
    )
  })
})

describe('what nobody sees', () => {
  /** A shape in each of the tiles of the view, and of those around it. */
  const around = () => doc.edit(Array.from({ length: 12 }, (_, i) => [`s${i}`, rect(i, [(i % 4) * 8 - 7, Math.floor(i / 4) * 8 - 7, 0, 0])]))
  const bytes = (tiles_: number) => tiles_ * 4 * TILE * TILE
  const dots = () => doc.edit(Array.from({ length: 300 }, (_, i) => [`s${i}`, rect(i, [i % 15, Math.floor(i / 15) % 7, 0, 0])]))

  test('is painted in pauses, and what is shown stays', () => {
    around()
    finish(tiles)
    expect(tiles.stats(view)).toEqual({ provisional: 0, tileBytes: bytes(2) })
    expect(frame(tiles, 1)).toBe('ahead')
    const before = shown(tiles)
    expect(before.map(({ colors }) => colors)).toEqual([['#000005'], ['#000006']])
    finishAhead(tiles)
    expect(tiles.stats(view).tileBytes).toBe(bytes(12))
    expect(shown(tiles)).toEqual(before)
  })

  test('takes several pauses if there is much of it, and no more time of each than there is', () => {
    around()
    finish(tiles)
    const begun = time
    let pauses = 1
    while (!pause(tiles, 1)) pauses++
    expect(pauses).toBeGreaterThan(5)
    // Looks at the clock that end a pause may come one too late, and there are three after that.
    expect(time - begun).toBeLessThanOrEqual(pauses * 8)
  })

  test('is the overview, too, once the hand rests', () => {
    dots()
    finish(tiles)
    finishAhead(tiles, false)
    expect(tiles.overviewPicture).toBeUndefined()
    finishAhead(tiles, true)
    expect(tiles.overviewPicture).toBeDefined()
  })

  test('waits while the hand draws', () => {
    around()
    finish(tiles)
    expect(tiles.paint(view, () => time, true)).toBe('done')
    expect(tiles.stats(view).tileBytes).toBe(bytes(2))
  })

  test('soon will be seen while the view moves, and is painted with the rest', () => {
    around()
    finish(tiles)
    const moved = { ...view, camera: { ...view.camera, x: 1 } }
    for (let i = 0; i < 1000 && tiles.paint(moved, () => (time += 0.01), false) === 'missing'; i++);
    // And a spare one.
    expect(tiles.stats(moved).tileBytes).toBe(bytes(13))
  })

  test('is left as it is for what has changed in view', () => {
    dots()
    doc.edit([['far', rect(999, [20, 1, 0, 0])]])
    finish(tiles)
    pause(tiles, 3)
    const before = tiles.stats(view).tileBytes
    doc.edit([['s0', { color: '#abcdef' }]])
    tiles.invalidate([scene.get('s0')!.box])
    expect(tiles.stats(view).provisional).toBe(0.5)
    finish(tiles)
    expect(tiles.stats(view)).toEqual({ provisional: 0, tileBytes: before })
  })
})
