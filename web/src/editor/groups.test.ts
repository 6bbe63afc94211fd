import { describe, expect, test } from 'vitest'
import { Bench, box } from '../testing/desk'
import { group, ungroup, unitsOf } from './groups'
import { working } from './desk'

const four = () => new Bench().put({ a: box(0, 0, 9, 9), b: box(20, 0, 9, 9), c: box(40, 0, 9, 9), d: box(60, 0, 9, 9) })
const groups = (bench: Bench, id: string) => (bench.prop(id, 'groups') ?? []) as string[]

describe('groups', () => {
  test('a group is one id that its members share', () => {
    const bench = four().select('a', 'b')
    bench.act(group)
    expect(groups(bench, 'a')).toHaveLength(1)
    expect(groups(bench, 'b')).toEqual(groups(bench, 'a'))
    expect(groups(bench, 'c')).toEqual([])
  })

  test('groups nest: ungrouping gives the inner ones back', () => {
    const bench = four().select('a', 'b')
    bench.act(group)
    const inner = groups(bench, 'a')
    bench.select('a', 'b', 'c').act(group)
    expect(groups(bench, 'a')).toHaveLength(2)
    expect(groups(bench, 'a')[0]).toBe(inner[0])
    expect(groups(bench, 'c')).toEqual([groups(bench, 'a')[1]])
    bench.act(ungroup)
    expect(groups(bench, 'a')).toEqual(inner)
    expect(groups(bench, 'c')).toEqual([])
    bench.act(ungroup)
    expect(groups(bench, 'a')).toEqual([])
  })

  test('part of a group is grouped within it', () => {
    const bench = four().select('a', 'b', 'c')
    bench.act(group)
    const outer = groups(bench, 'a')[0]
    bench.select('a', 'b').act(group)
    expect(groups(bench, 'a')).toHaveLength(2)
    expect(groups(bench, 'a')[1]).toBe(outer)
    expect(groups(bench, 'c')).toEqual([outer])
    bench.act(ungroup)
    expect(groups(bench, 'a')).toEqual([outer])
  })

  test('what is one group already is not grouped again; one shape is no group', () => {
    const bench = four().select('a', 'b')
    bench.act(group)
    expect(bench.act(group).edits).toEqual([])
    expect(bench.select('c').act(group).edits).toEqual([])
  })

  test('what is hidden does not keep a group from being dissolved', () => {
    const bench = four().select('a', 'b', 'c')
    bench.act(group)
    bench.put({ c: { hidden: true } }).select('a', 'b').act(ungroup)
    expect(groups(bench, 'a')).toEqual([])
  })

  test('a group counts as one; within it, its parts do', () => {
    const bench = four().select('a', 'b')
    bench.act(group)
    bench.select('a', 'b', 'c')
    expect(unitsOf(bench.desk, working(bench.desk).free)).toHaveLength(2)
    bench.act(group)
    bench.select('a', 'c')
    expect(unitsOf(bench.desk, working(bench.desk).free)).toHaveLength(2)
  })
})
