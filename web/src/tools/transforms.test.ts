import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Patch, RecordId } from '../board/types'
import { height, width } from '../geometry/box'
import { placeIn } from '../geometry/oriented'
import { encodeStroke, Points } from '../geometry/points'
import { measureText } from '../shapes'
import { kindOf } from '../shapes/kinds'
import { routePoints } from '../shapes/route'
import { orientedOf } from '../shapes/transform'
import { Hand, ToolBoard } from '../testing/toolboard'
import { prepare, take } from '.'
import { handlesOf, type Handle } from './handles'

beforeAll(prepare)

const rect: Patch = { kind: 'rect', at: [100, 100], size: [200, 100] }

/** A hand with these shapes selected. */
function holding(records: { readonly [id: RecordId]: Patch }): Hand {
  const hand = new Hand(take('select'), new ToolBoard(records))
  hand.board.selection = new Set(Object.keys(records))
  return hand
}

function handle({ board, pointer }: Hand, name: Handle['name'], index = 0): Handle {
  const shapes = [...board.selection].map((id) => board.get(id)!)
  return handlesOf(shapes, board.zoom, pointer).filter((one) => one.name === name)[index]!
}

/** Drags a handle of the selection by so much. */
function pull(hand: Hand, name: Handle['name'], dx: number, dy: number, index = 0): Hand {
  const { x, y } = handle(hand, name, index).at
  return hand.drag([x, y], [x + dx / 2, y + dy / 2], [x + dx, y + dy])
}

const props = (hand: Hand, id: RecordId): Patch => hand.board.records.get(id)!

describe('a handle', () => {
  test.each([
    ['se', 20, 10, {}, [100, 100], [220, 110]],
    ['nw', 20, 10, {}, [120, 110], [180, 90]],
    ['e', 20, 10, {}, [100, 100], [220, 100]],
    ['n', 20, 10, {}, [100, 110], [200, 90]],
    ['se', 20, 10, { alt: true }, [80, 90], [240, 120]],
    ['se', 100, 0, { shift: true }, [100, 100], [300, 150]],
    ['e', 100, 0, { shift: true }, [100, 75], [300, 150]],
    ['se', -250, 0, {}, [50, 100], [50, 100]],
    ['s', 0, -150, {}, [100, 50], [200, 50]],
  ] as const)('%s by %d, %d with %j', (name, dx, dy, mods, at, size) => {
    const hand = holding({ a: rect }).press(mods)
    expect(props(pull(hand, name, dx, dy), 'a')).toMatchObject({ at, size })
  })

  test('follows modifiers at once, and gives back what it has done', () => {
    const hand = holding({ a: rect })
    hand.down(300, 200).move(400, 200)
    expect(hand.board.preview.get('a')).toMatchObject({ size: [300, 100] })
    hand.press({ shift: true })
    expect(hand.board.preview.get('a')).toMatchObject({ size: [300, 150] })
    hand.cancel()
    expect(hand.board.preview.size).toBe(0)
    expect(props(hand, 'a')).toMatchObject({ at: [100, 100], size: [200, 100] })
  })

  test.each([
    ['se', -180, -90, {}, [0, 0]],
    ['n', 0, 95, {}, [0, 1]],
    ['nw', 190, 90, {}, [1, 1]],
    ['se', -250, -150, {}, [1, 1]],
    ['s', 0, -90, { alt: true }, [0.5, 0.5]],
  ] as const)('%s by %d, %d leaves a label its room, in one step, and holds what is held', (name, dx, dy, mods, fixed) => {
    const words = { ...rect, text: 'words of a label' }
    const hand = holding({ a: words }).press(mods)
    pull(hand, name, dx, dy)
    const after = props(hand, 'a')
    const [wide, high] = after['size'] as [number, number]
    const room = kindOf(after)!.room!(after)
    expect(measureText(after, width(room)).height).toBeLessThanOrEqual(height(room) + 1)
    expect(high).toBeLessThan(100)
    const held = dx <= -250 ? [100, 100] : [100 + fixed[0] * 200, 100 + fixed[1] * 100]
    const [x, y] = after['at'] as [number, number]
    expect([x + fixed[0] * wide, y + fixed[1] * high]).toEqual(held)
  })

  test('of several shapes leaves each label its room', () => {
    const hand = holding({ a: { ...rect, text: 'words of a label' }, b: { ...rect, at: [400, 100] } })
    pull(hand, 's', 0, -90)
    expect(props(hand, 'b')).toMatchObject({ size: [200, 10] })
    expect(props(hand, 'a')).toMatchObject({ at: [100, 100], size: [200, 39] })
  })

  test('turned over mirrors pictures, not text', () => {
    const hand = holding({ a: { ...rect, kind: 'polygon' } })
    expect(props(pull(hand, 'e', -300, 0), 'a')).toMatchObject({ at: [0, 100], size: [100, 100], flip: [-1, 1] })
    expect(props(pull(holding({ a: rect }), 'e', -300, 0), 'a')['flip']).toBeUndefined()
  })

  test('of a turned shape leaves the opposite corner where it was', () => {
    const angle = fc.double({ min: -3, max: 3, noNaN: true })
    const way = fc.integer({ min: -400, max: 400 })
    const corner = fc.constantFrom(['nw', 1, 1], ['ne', 0, 1], ['se', 0, 0], ['sw', 1, 0]) as fc.Arbitrary<['nw' | 'ne' | 'se' | 'sw', number, number]>
    fc.assert(
      fc.property(angle, way, way, corner, (rotation, dx, dy, [name, u, v]) => {
        const hand = holding({ a: { ...rect, rotation } })
        const before = placeIn(orientedOf(props(hand, 'a'))!, u, v)
        pull(hand, name, dx, dy)
        const after = orientedOf(props(hand, 'a'))!
        const corners = [0, 1].flatMap((u) => [0, 1].map((v) => placeIn(after, u, v)))
        const nearest = Math.min(...corners.map((one) => Math.hypot(one.x - before.x, one.y - before.y)))
        expect(nearest).toBeLessThan(0.1)
      }),
    )
  })

  test('of several stretches all in proportion', () => {
    const hand = holding({ a: { ...rect, at: [0, 0], size: [100, 100] }, b: { ...rect, at: [300, 100], size: [100, 100] } })
    pull(hand, 'se', 400, 0)
    expect(props(hand, 'a')).toMatchObject({ at: [0, 0], size: [200, 100] })
    expect(props(hand, 'b')).toMatchObject({ at: [600, 100], size: [200, 100] })
  })

  test('stretches ink by its scale, and lines by their points', () => {
    const points = new Points()
    for (const [x, y] of [[0, 0], [50, 40], [100, 0]] as const) points.add({ x, y })
    const hand = holding({ a: { kind: 'draw', at: [100, 100], ...encodeStroke(points) } })
    expect(props(pull(hand, 'se', 100, 40), 'a')).toMatchObject({ at: [100, 100], scale: [2, 2] })
    expect(props(pull(hand, 'w', 300, 0), 'a')).toMatchObject({ scale: [-1, 2], at: [400, 100] })
    const lines = holding({ a: { kind: 'line', at: [0, 0], size: [100, 100], bends: [[100, 0]] }, b: rect })
    pull(lines, 'se', 300, 200)
    expect(props(lines, 'a')).toMatchObject({ at: [0, 0], size: [200, 200], bends: [[200, 0]] })
  })

  test('in the corner of text makes the letters larger; at the side it breaks the lines', () => {
    const words: Patch = { kind: 'text', at: [100, 100], size: [200, 50], text: 'words', fontsize: 20 }
    const wide = handle(holding({ a: words }), 'e').at.x - 100
    const corner = props(pull(holding({ a: words }), 'se', wide, 0), 'a')
    expect(corner).toMatchObject({ fontsize: expect.closeTo(40, 0), at: [100, 100] })
    const side = props(pull(holding({ a: words }), 'e', -10, 0), 'a')
    expect(side).toMatchObject({ wrap: true, size: [expect.closeTo(wide - 10, 1), expect.any(Number)] })
    expect(side['fontsize']).toBe(20)
  })

  test('keeps the proportions of pictures, unless Shift is down', () => {
    const picture: Patch = { kind: 'image', at: [100, 100], size: [200, 100], asset: null }
    expect(props(pull(holding({ a: picture }), 'se', 100, 0), 'a')['size']).toEqual([300, 150])
    expect(props(pull(holding({ a: picture }).press({ shift: true }), 'se', 100, 0), 'a')['size']).toEqual([300, 100])
  })

  test('is not there for what is locked', () => {
    const { board } = holding({ a: { ...rect, locked: true } })
    expect(handlesOf([board.get('a')!], 1, 'mouse')).toEqual([])
  })

  test('is within reach of a finger from further away', () => {
    for (const [pointer, want] of [['mouse', [200, 100]], ['touch', [220, 110]]] as const) {
      const hand = new Hand(take('select'), new ToolBoard({ a: rect }), pointer)
      hand.board.selection = new Set(['a'])
      hand.drag([315, 210], [335, 220])
      expect(props(hand, 'a')['size'] ?? 0).toEqual(want)
    }
  })
})

describe('the handle above', () => {
  test('turns a shape about its middle; with Shift in steps of 15°', () => {
    const hand = holding({ a: rect })
    const { x, y } = handle(hand, 'rotate').at
    hand.drag([x, y], [x + 40, y], [500, 150])
    expect(props(hand, 'a')).toMatchObject({ at: [100, 100] })
    expect(props(hand, 'a')['rotation']).toBeCloseTo(Math.PI / 2, 3)
    const stepped = holding({ a: rect }).press({ shift: true })
    stepped.drag([x, y], [x + 30, y])
    const steps = (props(stepped, 'a')['rotation'] as number) / (Math.PI / 12)
    expect(Math.abs(steps - Math.round(steps))).toBeLessThan(0.001)
  })

  test('turns several about their common middle, and lines by their points', () => {
    const hand = holding({ a: { ...rect, at: [0, 0], size: [100, 100] }, b: { kind: 'line', at: [300, 0], size: [0, 100] } })
    const { x, y } = handle(hand, 'rotate').at
    hand.drag([x, y], [150, 400])
    expect(props(hand, 'a')).toMatchObject({ at: [200, 0] })
    const { at, size, rotation } = props(hand, 'b')
    expect([at, size, rotation]).toEqual([[0, 100], [0, -100], undefined])
  })

  test('brings a shape back by turning it all the way', () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (angle) => {
        const hand = holding({ a: rect })
        const turnBy = (by: number) => {
          const { x, y } = handle(hand, 'rotate').at
          const from = Math.atan2(y - 150, x - 200)
          hand.drag([x, y], [200 + 300 * Math.cos(from + by), 150 + 300 * Math.sin(from + by)])
        }
        turnBy(angle)
        turnBy(-angle)
        expect(Math.abs(Number(props(hand, 'a')['rotation'] ?? 0))).toBeLessThan(0.001)
        expect(props(hand, 'a')['at']).toEqual([expect.closeTo(100, 1), expect.closeTo(100, 1)])
      }),
    )
  })

  test('is not there for frames', () => {
    const { board } = holding({ a: rect })
    const frame = { ...board.get('a')!, props: { ...rect, kind: 'frame' } }
    expect(handlesOf([frame], 1, 'mouse').some(({ name }) => name === 'rotate')).toBe(false)
  })
})

describe('the points of a line', () => {
  const line: Patch = { kind: 'line', at: [100, 100], size: [200, 0] }

  test('are dragged; the middle of a piece makes a bend', () => {
    const hand = pull(holding({ a: line }), 'point', 50, 50, 1)
    expect(props(hand, 'a')).toMatchObject({ at: [100, 100], size: [250, 50], bends: [] })
    const bent = pull(holding({ a: line }), 'middle', 0, 60)
    expect(props(bent, 'a')).toMatchObject({ at: [100, 100], size: [200, 0], bends: [[100, 60]] })
  })

  describe('of an elbow route', () => {
    const elbow: Patch = { kind: 'arrow', at: [0, 0], size: [200, 100], route: 'elbow' }
    const box = (x: number, y: number): Patch => ({ kind: 'rect', at: [x, y], size: [100, 100] })
    const bound: Patch = { ...elbow, startbind: { to: 'a', at: [0.5, 0.5], inside: false }, endbind: { to: 'b', at: [0.5, 0.5], inside: false } }
    const way = ({ board }: Hand, id: RecordId) => routePoints(board.get(id)!.props).map(({ x, y }) => [Math.round(x), Math.round(y)])

    /** An arrow from one box to another, selected. */
    function between(pointer: 'mouse' | 'touch' = 'mouse'): Hand {
      const hand = new Hand(take('select'), new ToolBoard({ a: box(0, 0), b: box(400, 200), c: bound }), pointer)
      hand.board.selection = new Set(['c'])
      return hand
    }

    test('only the ends can be dragged, and the pieces between: sideways', () => {
      const hand = between()
      const handles = handlesOf([hand.board.get('c')!], 1, 'mouse')
      expect(handles.map(({ name, cursor }) => `${name} ${cursor}`)).toEqual(['piece ew-resize', 'point move', 'point move'])
      expect(way(hand, 'c')).toEqual([[106, 50], [250, 50], [250, 250], [394, 250]])
      expect(way(pull(hand, 'piece', 60, 35), 'c')).toEqual([[106, 50], [310, 50], [310, 250], [394, 250]])
    })

    test('by a finger that is near enough', () => {
      const hand = between('touch')
      const { x, y } = handle(hand, 'piece').at
      hand.drag([x - 15, y + 10], [x - 40, y], [x - 75, y])
      expect(way(hand, 'c')[1]).toEqual([190, 50])
    })

    test('a piece stays where it was put when the shapes move', () => {
      const hand = pull(between(), 'piece', 60, 0)
      const { board } = hand
      board.records.set('b', box(400, 300))
      expect(way(hand, 'c')).toEqual([[106, 50], [310, 50], [310, 350], [394, 350]])
      board.records.set('a', box(0, -100))
      expect(way(hand, 'c')).toEqual([[106, -50], [310, -50], [310, 350], [394, 350]])
    })

    test('a piece at a free end is led to from there', () => {
      const hand = holding({ a: elbow })
      expect(way(hand, 'a')).toEqual([[0, 0], [100, 0], [100, 100], [200, 100]])
      expect(way(pull(hand, 'piece', 0, 40), 'a')).toEqual([[0, 0], [0, 40], [100, 40], [100, 100], [200, 100]])
      expect(way(pull(hand, 'piece', 0, 60, 3), 'a').slice(-3)).toEqual([[100, 160], [200, 160], [200, 100]])
    })

    test('has right angles however it was dragged', () => {
      const by = fc.integer({ min: -150, max: 150 })
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(9), by, by), { minLength: 1, maxLength: 6 }), (pulls) => {
          const hand = between()
          for (const [index, dx, dy] of pulls) {
            const pieces = handlesOf([hand.board.get('c')!], 1, 'mouse').filter(({ name }) => name === 'piece')
            if (pieces.length > 0) pull(hand, 'piece', dx, dy, index % pieces.length)
          }
          const points = routePoints(hand.board.get('c')!.props)
          for (const [i, b] of points.slice(1).entries()) {
            const a = points[i]!
            expect(Math.min(Math.abs(a.x - b.x), Math.abs(a.y - b.y))).toBeLessThan(0.02)
          }
        }),
      )
    })
  })

  test('a bend that is straightened goes', () => {
    const hand = holding({ a: { ...line, bends: [[100, 60]] } })
    expect(props(pull(hand, 'point', 0, -58, 1), 'a')['bends']).toEqual([])
  })

  test('keep to steps of 15° under Shift', () => {
    const hand = pull(holding({ a: line }).press({ shift: true }), 'point', 0, 8, 1)
    expect(props(hand, 'a')).toMatchObject({ size: [200, 0] })
  })

  test('go where they are seen when the line was turned', () => {
    const hand = pull(holding({ a: { ...line, rotation: Math.PI / 2 } }), 'point', 10, 0, 1)
    expect(props(hand, 'a')).toMatchObject({ at: [200, 0], size: [10, 200], rotation: 0 })
  })
})
