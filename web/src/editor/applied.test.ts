import { describe, expect, it } from 'vitest'
import { KINDS, TABLES } from '../shapes/kinds'
import { appliedOf, changeFor, propsShown, valueOf } from './applied'

describe('the style of a selection', () => {
  it('shows only properties that the kind has', () => {
    for (const kind of KINDS) {
      const all = propsShown({ kind, text: 'label', closed: true, fill: 'red' })
      for (const prop of all) expect(kind in TABLES && prop in TABLES[kind]!, `${prop} of ${kind}`).toBe(true)
    }
  })

  it('gives absent properties their meaning', () => {
    const applied = appliedOf([{ kind: 'rect' }])
    expect(applied.get('width')).toEqual({ value: 2, isMixed: false })
    expect(applied.get('fill')).toEqual({ value: null, isMixed: false })
    expect(applied.has('fontsize')).toBe(false)
    expect(valueOf({ kind: 'text' }, 'align')).toBe('left')
    expect(valueOf({ kind: 'rect' }, 'align')).toBe('center')
  })

  it('says where shapes differ, and what only some have', () => {
    const applied = appliedOf([
      { kind: 'rect', color: 'red', dash: 'dashed' },
      { kind: 'arrow', color: 'red', route: 'elbow' },
      { kind: 'draw', color: 'red', width: 8 },
    ])
    expect(applied.get('color')).toEqual({ value: 'red', isMixed: false })
    expect(applied.get('width')!.isMixed).toBe(true)
    expect(applied.get('dash')!.isMixed).toBe(true)
    expect(applied.get('route')).toEqual({ value: 'elbow', isMixed: false })
  })

  it('shows the words of labels, and the pattern of fills, where there are any', () => {
    expect(propsShown({ kind: 'rect' })).not.toContain('textcolor')
    expect(propsShown({ kind: 'rect', text: 'a' })).toContain('textcolor')
    expect(propsShown({ kind: 'rect' })).not.toContain('fillstyle')
    expect(propsShown({ kind: 'rect', fill: 'red' })).toContain('fillstyle')
    expect(propsShown({ kind: 'draw', brush: 'highlighter' })).not.toContain('thinning')
  })

  it('changes each shape in what it can show', () => {
    expect(changeFor({ kind: 'draw' }, { fill: 'red', color: 'red' })).toEqual({ color: 'red' })
    expect(changeFor({ kind: 'image' }, { color: 'red' })).toBeUndefined()
    expect(changeFor({ kind: 'rect' }, { fill: 'red', fillstyle: 'hachure' })).toEqual({ fill: 'red', fillstyle: 'hachure' })
  })
})
